/* <guest-steps>: one picture behind a share link. Arrow keys and swipes follow the links to the pictures
   beside this one, Escape the one back; a click, z and the zoom's own keys enlarge it. */

import { onKey } from "./keys.js";
import { onZoomKeys } from "./zoom-keys.js";

const LINKS = { ArrowLeft: "prev", ArrowRight: "next", Escape: "up" };
const SWIPES = { left: "next", right: "prev" };

class GuestSteps extends HTMLElement {
  #unbind = [];

  connectedCallback() {
    this.#unbind = Object.entries(LINKS).map(([name, rel]) => onKey(name, () => this.#follow(rel)));
    this.#unbind.push(onKey("z", () => this.#zoom.toggle()), onZoomKeys(() => this.#zoom));
    this.addEventListener("swipe", ({ detail }) => this.#follow(SWIPES[detail]));
    this.addEventListener("zoomed", () => this.#say());
    this.addEventListener("click", this.#onClick);
    const picture = this.querySelector("[data-image]");
    picture?.decode().then(() => picture.previousElementSibling?.setAttribute("data-done", ""), () => {});
    this.#button?.removeAttribute("hidden");
  }

  disconnectedCallback() {
    this.#unbind.splice(0).forEach((unbind) => unbind());
  }

  get #zoom() {
    return this.querySelector("picture-zoom");
  }

  get #button() {
    return this.querySelector("[data-zoom]");
  }

  #onClick = ({ target }) => {
    if (target.closest("[data-zoom]")) this.#zoom.toggle();
  };

  #say() {
    this.#button?.setAttribute("aria-pressed", String(this.#zoom.isZoomed));
  }

  /* In the place of this one: Back leads to the list, however far one walked. */
  #follow(rel) {
    const link = this.querySelector(`[rel="${rel}"]`);
    if (link) location.replace(link.href);
    return Boolean(link);
  }
}

customElements.define("guest-steps", GuestSteps);
