/* <guest-steps>: arrow keys follow the links to the pictures beside this one, Escape the one back. */

import { onKey } from "./keys.js";

const LINKS = { ArrowLeft: "prev", ArrowRight: "next", Escape: "up" };

class GuestSteps extends HTMLElement {
  #unbind = [];

  connectedCallback() {
    this.#unbind = Object.entries(LINKS).map(([name, rel]) => onKey(name, () => this.#follow(rel)));
  }

  disconnectedCallback() {
    this.#unbind.splice(0).forEach((unbind) => unbind());
  }

  /* In the place of this one: Back leads to the list, however far one walked. */
  #follow(rel) {
    const link = this.querySelector(`[rel="${rel}"]`);
    if (link) location.replace(link.href);
    return Boolean(link);
  }
}

customElements.define("guest-steps", GuestSteps);
