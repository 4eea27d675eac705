/* The dialog for tags and albums: filled by the server, its forms act on what is chosen. */

import { sayRefused } from "./send-form.js";

const TITLES = { tags: "Tags", albums: "Albums" };
const MOST_NAMED = 100; // ids in one address

/* `selection` has targets() and send(action, ids, fields). */
export function sortDialog(dialog, selection) {
  const panel = dialog.querySelector("#sort-panel");
  let ids = [];
  let part = "";

  function fill() {
    const query = new URLSearchParams({ part });
    if (ids.length > MOST_NAMED || selection.isEverything) query.set("many", "1");
    else query.set("ids", ids.join(","));
    const address = `/images/${ids[0]}/sort/?${query}`;
    return window.htmx.ajax("GET", address, { source: dialog, target: panel });
  }

  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { action, ids: _ids, next: _next, csrfmiddlewaretoken: _token, ...fields } = Object.fromEntries(
      new FormData(event.target),
    );
    if (!(await selection.send(action, ids, fields))) return;
    if (action === "album") return dialog.close();
    await fill();
    dialog.querySelector("input:not([type=hidden])")?.focus();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });

  return {
    async open(wantedPart, wantedIds) {
      if (!wantedIds.length || dialog.open) return;
      [part, ids] = [wantedPart, wantedIds];
      const count = selection.countText(ids.length);
      dialog.querySelector("#sort-title").textContent = `${TITLES[part]} of ${count}`;
      panel.replaceChildren();
      dialog.showModal();
      await fill();
      if (panel.childElementCount) return dialog.querySelector("input:not([type=hidden])")?.focus();
      dialog.close(); // somebody else's picture, which one may only look at
      sayRefused();
    },
  };
}
