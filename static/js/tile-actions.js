/* <tile-actions>: what hover and focus add to a finished tile, and the arrow keys between tiles. */

import { refocus } from "./focus.js";
import { dress } from "./tile-controls.js";
import { isTileLink, linkBeside } from "./tile-walk.js";

class TileActions extends HTMLElement {
  connectedCallback() {
    this.addEventListener("pointerover", this.#offer);
    this.addEventListener("focusin", this.#offer);
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("htmx:beforeSwap", this.#onSwap);
    document.querySelectorAll(".first-run li").forEach(this.#makeUsable);
  }

  #offer = ({ target }) => {
    const tile = target.closest(".tile");
    if (tile && tile.dataset.dressed === undefined) dress(tile);
  };

  /* A tile that is dismissed hands the focus on. */
  #onSwap = ({ detail: { target } }) => {
    const link = target.querySelector?.(".note-link");
    if (!link || !target.contains(document.activeElement)) return;
    const next = linkBeside(this, link, "ArrowRight") ?? linkBeside(this, link, "ArrowLeft");
    setTimeout(() => refocus(next, document.getElementById("main")));
  };

  /* A first prompt to try: a sentence becomes a button that puts it in the field. */
  #makeUsable = (item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = item.textContent;
    button.addEventListener("click", () =>
      document.dispatchEvent(new CustomEvent("use-prompt", { detail: { prompt: button.textContent } })),
    );
    item.replaceChildren(button);
  };

  #onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!event.key.startsWith("Arrow") || !isTileLink(event.target)) return;
    const goal = linkBeside(this, event.target, event.key);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  };
}

customElements.define("tile-actions", TileActions);
