/* <picture-viewer>: one picture with its panel, on a page of its own or in a dialog over a list. Walks
   to its neighbours in place, fetched and decoded ahead; a held key waits until each has been seen. */

import { sayInfo, toggleInfo } from "./info-toggle.js";
import { onKey } from "./keys.js";
import { fetchPicture, forgetPictures, preload } from "./pictures.js";
import { pressUndo } from "./undo.js";
import { onZoomKeys } from "./zoom-keys.js";

const KEYS = ["f", "i", "p", "r", "c", "l", "t", "z", "Delete", "Shift+D"];
const GLANCE_MS = 140; // how long a picture stays while a key is held
const BLINK_MS = 90; // rather a placeholder than a longer wait

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class PictureViewer extends HTMLElement {
  #unbind = [];
  #isBusy = false;
  #waiting = ""; // one step more, asked for while the picture before it was fetched
  #instead = ""; // where to go in place of what is being fetched
  #seen = null;
  #path = location.pathname;

  connectedCallback() {
    const layer = this.closest("dialog");
    const bind = (name, run, repeats) => this.#unbind.push(onKey(name, run, { layer, repeats }));
    KEYS.forEach((name) => bind(name, () => this.#press(`[data-key="${name}"]`)));
    bind("ArrowLeft", (event) => this.#step("prev", event.repeat), true);
    bind("ArrowRight", (event) => this.#step("next", event.repeat), true);
    if (layer) bind("Ctrl+Z", pressUndo);
    else bind("Escape", () => this.#press(".stage-close"));
    bind("?", () => document.querySelector("key-help").open());
    this.#unbind.push(onZoomKeys(() => this.querySelector("picture-zoom"), layer));
    this.addEventListener("click", this.#onClick);
    this.addEventListener("swipe", ({ detail }) => this.#step({ left: "next", right: "prev" }[detail], false));
    this.addEventListener("picture-changed", forgetPictures);
    this.addEventListener("picture-gone", () => this.goOn());
    if (!layer) addEventListener("popstate", this.#onPop);
    this.#show();
  }

  disconnectedCallback() {
    this.#unbind.splice(0).forEach((unbind) => unbind());
    removeEventListener("popstate", this.#onPop);
  }

  #press(selector) {
    const control = this.querySelector(selector);
    control?.click();
    return Boolean(control);
  }

  #step(rel, isHeld) {
    if (isHeld && this.#seen !== this.dataset.id) return true;
    if (this.#isBusy) return Boolean((this.#waiting = rel));
    const link = this.querySelector(`[rel="${rel}"]`);
    if (!link) return false;
    this.walk(link.href);
    return true;
  }

  /* The neighbour takes this one's place: in the page, in the address and in the title. */
  async walk(address) {
    if (this.#isBusy) return void (this.#instead = address);
    this.#isBusy = true;
    try {
      const next = await fetchPicture(address);
      if (!next) return location.assign(address);
      await Promise.race([next.querySelector("[data-image]")?.decode().catch(() => {}), pause(BLINK_MS)]);
      if (this.#instead) return;
      this.#become(next);
      history.replaceState(history.state, "", address);
      this.#path = location.pathname;
    } catch {
      location.assign(address);
    } finally {
      this.#isBusy = false;
      const [instead, waiting] = [this.#instead, this.#waiting];
      this.#instead = this.#waiting = "";
      if (instead) this.comeBack(instead);
      else if (waiting) this.#step(waiting, false);
    }
  }

  /* Shows this again, if it doesn't still; a walk on its way is called off. */
  comeBack(address) {
    const isShown = new URL(address, location.href).pathname === this.#path;
    if (this.#isBusy || !isShown) this.walk(address);
  }

  #become(next) {
    const focused = this.contains(document.activeElement) && document.activeElement;
    const again = focused && (focused.dataset.key || focused.getAttribute("rel"));
    const status = this.querySelector(":scope > [role=status]");
    Object.assign(this.dataset, { id: next.dataset.id, title: next.dataset.title });
    next.querySelector(":scope > [role=status]").replaceWith(status);
    this.replaceChildren(...next.childNodes);
    window.htmx?.process(this);
    this.#show();
    status.textContent = this.querySelector("[data-image]")?.alt ?? "";
    const same = again && this.querySelector(`[data-key="${again}"], [rel="${again}"]`);
    if (focused) (same || this.querySelector(".stage")).focus({ preventScroll: true });
  }

  async #show() {
    this.querySelectorAll("[data-zoom], [data-toggle-info]").forEach((button) => (button.hidden = false));
    sayInfo(this);
    document.title = this.dataset.title;
    const { id } = this.dataset;
    const picture = this.querySelector("[data-image]");
    await picture?.decode().catch(() => {});
    picture?.previousElementSibling?.setAttribute("data-done", "");
    await pause(GLANCE_MS);
    this.#seen = id;
    if (id !== this.dataset.id) return;
    this.querySelectorAll("[rel=next], [rel=prev]").forEach((link) => preload(link.href));
  }

  #onClick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (event.target.closest("[data-toggle-info]")) toggleInfo(this);
    if (event.target.closest("[data-zoom]")) this.querySelector("picture-zoom").toggle();
    const link = event.target.closest("a[data-walk], .stage-close");
    if (link?.matches("[data-walk]")) {
      event.preventDefault();
      this.walk(link.href);
    } else if (link && !this.closest("dialog")) this.#goBack(event, link);
  };

  /* Straight from the gallery, going back keeps one's place in it. */
  #goBack(event, link) {
    const from = document.referrer && new URL(document.referrer);
    if (!from || from.origin !== location.origin || from.pathname !== link.pathname) return;
    event.preventDefault();
    history.back();
  }

  /* The picture was thrown away: on to the next, or back to the list after the last. */
  goOn() {
    forgetPictures();
    if (!this.#step("next") && !this.#step("prev")) this.#press(".stage-close");
  }

  #onPop = () => {
    if (location.pathname !== this.#path) location.reload();
  };
}

customElements.define("picture-viewer", PictureViewer);
