/* <key-help>: “?” shows every key over the page, and so does the menu's link. */

import { onKey } from "./keys.js";

class KeyHelp extends HTMLElement {
  #unbind = null;

  connectedCallback() {
    this.#unbind = onKey("?", () => this.open());
    document.addEventListener("click", this.#onClick);
  }

  disconnectedCallback() {
    this.#unbind();
    document.removeEventListener("click", this.#onClick);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  #onClick = (event) => {
    if (event.target === this.#dialog) return this.#dialog.close();
    const link = event.target.closest("[data-keys]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.open();
  };

  open() {
    const place = this.querySelector("div");
    if (!place.childElementCount) this.#fetch(place);
    this.#dialog.showModal();
  }

  async #fetch(place) {
    const address = this.getAttribute("url");
    const answer = await fetch(address, { headers: { "X-Fragment": "1" } }).catch(() => null);
    if (!answer?.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
  }
}

customElements.define("key-help", KeyHelp);
