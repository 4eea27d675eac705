/* <picture-panel>: what one does about the picture shown, and what that changes on the page: the heart,
   the tile in the list behind, the picture that goes to the trash and comes back by Undo. */

import { refocus } from "./focus.js";
import { sendForm } from "./send-form.js";
import { linkOf, setFavorite } from "./tile-controls.js";
import { offerUndo } from "./undo.js";

const tilesOf = (id) => document.querySelectorAll(`.tile:has([data-image="${CSS.escape(id)}"])`);

class PicturePanel extends HTMLElement {
  #isBusy = false;

  connectedCallback() {
    this.addEventListener("submit", this.#onSubmit);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("htmx:afterRequest", () => this.#tell("picture-changed"));
    this.addEventListener("htmx:afterSettle", () => refocus(this.querySelector("#alt-text summary")));
    document.addEventListener("click", this.#onElsewhere);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#onElsewhere);
  }

  get #menu() {
    return this.querySelector(".menu[open]");
  }

  get #id() {
    return this.closest("picture-viewer").dataset.id;
  }

  #onElsewhere = ({ target }) => {
    const menu = this.#menu;
    if (menu && (!menu.contains(target) || target.closest("a, form button"))) menu.open = false;
  };

  #onKey = (event) => {
    const menu = this.#menu;
    if (event.key !== "Escape" || !menu) return;
    event.preventDefault(); // the picture stays open
    menu.open = false;
    menu.querySelector("summary").focus();
  };

  #onSubmit = (event) => {
    if (!event.target.matches("[data-favorite-form]")) return;
    event.preventDefault();
    this.#once(() => this.#like(event.target));
  };

  #onClick = (event) => {
    const link = event.target.closest("[data-trash], [data-sort]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches("[data-sort]")) return this.#sort(event, link.dataset.sort);
    event.preventDefault();
    this.#once(() => this.#throwAway(link.href));
  };

  /* Over a list its own dialog asks which tag or album; elsewhere the link leads to a page. */
  #sort(event, what) {
    const dialog = document.getElementById("sort-dialog");
    if (!dialog) return;
    event.preventDefault();
    document.querySelector("picture-selection").act(what, [this.#id]);
    dialog.addEventListener("close", () => {
      this.#tell("picture-changed");
      document.querySelector("picture-viewer")?.walk(location.href);
    }, { once: true });
  }

  /* A second press while the first is on its way is none. */
  async #once(act) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    await act();
    this.#isBusy = false;
  }

  async #like(form) {
    const { on } = form.elements;
    const isOn = on.value === "1";
    const id = this.#id;
    if (!(await sendForm(form.getAttribute("action"), { on: on.value }))) return;
    on.value = isOn ? "0" : "1";
    form.querySelector("button").setAttribute("aria-pressed", String(isOn));
    tilesOf(id).forEach((tile) => setFavorite(tile, isOn));
    this.#tell("picture-changed");
  }

  async #throwAway(address) {
    const [id, place] = [this.#id, location.href];
    if (!(await sendForm(address, {}))) return;
    tilesOf(id).forEach((tile) => (tile.hidden = true));
    const viewer = () => document.querySelector("picture-viewer");
    const revert = () => {
      tilesOf(id).forEach((tile) => (tile.hidden = false));
      refocus(viewer()?.querySelector(".stage"), ...[...tilesOf(id)].map(linkOf));
      viewer()?.comeBack(place);
    };
    offerUndo(revert, {
      pressed: () => viewer()?.comeBack(location.href),
      refused: () => viewer()?.dataset.id === id && viewer().goOn(),
    });
    this.#tell("picture-gone");
  }

  #tell(name) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true }));
  }
}

customElements.define("picture-panel", PicturePanel);
