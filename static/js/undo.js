/* The undo that the page offers: sent without leaving the page, and what it changes there. */

import { refocus } from "./focus.js";
import { onKey } from "./keys.js";
import { sendForm } from "./send-form.js";

let takeBack = () => {};

/* What the last action's undo would change on the page; each action replaces the one before. */
export function offerUndo(revert) {
  takeBack = revert;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("page-notice form[data-undo]")) return;
  event.preventDefault();
  const revert = takeBack;
  const { cameFrom } = form.closest("page-notice");
  if (!(await sendForm(form.getAttribute("action"), Object.fromEntries(new FormData(form))))) return;
  revert();
  refocus(cameFrom);
});

export function pressUndo() {
  const button = document.querySelector("page-notice form[data-undo] button");
  button?.click();
  return Boolean(button);
}

onKey("Ctrl+Z", pressUndo);
