/* <tile-actions>: what hover and focus add to a finished tile (made when first asked for: a long page
   stays light), and the arrow keys between tiles. */

const TILE = '.tile[data-state="done"]';
const LINK = ".tile:not([hidden]) > a, .tile:not([hidden]) .note-link";

class TileActions extends HTMLElement {
  connectedCallback() {
    this.addEventListener("pointerover", this.#offer);
    this.addEventListener("focusin", this.#offer);
    this.addEventListener("keydown", this.#onKey);
    document.querySelectorAll(".first-run li").forEach(this.#makeUsable);
  }

  #offer = ({ target }) => {
    const tile = target.closest(TILE);
    const picture = tile?.querySelector("[data-image]");
    if (!picture || tile.querySelector(".over")) return;
    const over = this.querySelector("template").content.cloneNode(true);
    over.querySelector("p").textContent = picture.alt;
    const remix = over.querySelector("a");
    remix.setAttribute("href", `${remix.getAttribute("href")}?remix=${tile.dataset.generation}`);
    tile.append(over);
  };

  /* A first prompt to try: a sentence becomes a button that puts it in the field. */
  #makeUsable = (item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = item.textContent;
    button.addEventListener("click", () =>
      document.dispatchEvent(new CustomEvent("use-prompt", { detail: button.textContent })),
    );
    item.replaceChildren(button);
  };

  #onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!event.key.startsWith("Arrow") || !event.target.matches(LINK)) return;
    const links = [...this.querySelectorAll(LINK)];
    const here = links.indexOf(event.target);
    const goal =
      event.key === "ArrowLeft" ? links[here - 1]
      : event.key === "ArrowRight" ? links[here + 1]
      : this.#inRow(links, here, event.key === "ArrowDown" ? 1 : -1);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  };

  /* The nearest tile of the next row up or down. */
  #inRow(links, here, step) {
    const place = (link) => link.closest(".tile").getBoundingClientRect();
    const middle = (box) => box.left + box.width / 2;
    const from = place(links[here]);
    let row = null;
    let best = null;
    for (let at = here + step; links[at]; at += step) {
      const box = place(links[at]);
      if (Math.abs(box.top - from.top) < 4) continue;
      row ??= box.top;
      if (Math.abs(box.top - row) > 4) break;
      if (!best || Math.abs(middle(box) - middle(from)) < best.away) {
        best = { link: links[at], away: Math.abs(middle(box) - middle(from)) };
      }
    }
    return best?.link;
  }
}

customElements.define("tile-actions", TileActions);
