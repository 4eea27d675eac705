/* The undo that the page offers: sent without leaving the page, and what it changes there. */

import { refocus } from "./focus.js";
import { onKey } from "./keys.js";
import { sendForm } from "./send-form.js";

const NOTHING = { revert() {}, pressed() {}, refused() {} };
let takeBack = NOTHING;

/* What the last action's undo would change on the page; each action replaces the one before. `pressed`
   runs before the server is asked, `refused` when it says no. */
export function offerUndo(revert, more = {}) {
  takeBack = { ...NOTHING, ...more, revert };
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("page-notice form[data-undo]")) return;
  event.preventDefault();
  const { revert, pressed, refused } = takeBack;
  const { cameFrom } = form.closest("page-notice");
  pressed();
  if (!(await sendForm(form.getAttribute("action"), Object.fromEntries(new FormData(form))))) return refused();
  revert();
  refocus(cameFrom);
});

export function pressUndo() {
  const button = document.querySelector("page-notice form[data-undo] button");
  button?.click();
  return Boolean(button);
}

onKey("Ctrl+Z", pressUndo);
