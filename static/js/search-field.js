/* <search-field>: “/” leads to the search in the head. On the gallery it says what was found. */

import { onKey } from "./keys.js";

class SearchField extends HTMLElement {
  #unbind;

  connectedCallback() {
    this.#unbind = onKey("/", () => this.#field.select());
    this.#field.addEventListener("keydown", this.#onKey);
    document.addEventListener("found", this.#onFound);
  }

  disconnectedCallback() {
    this.#unbind();
    document.removeEventListener("found", this.#onFound);
  }

  get #field() {
    return this.querySelector("input[type=search]");
  }

  /* Escape empties the field, as browsers do, and then leaves it. */
  #onKey = ({ key }) => {
    if (key === "Escape" && !this.#field.value) this.#field.blur();
  };

  #onFound = ({ detail }) => {
    this.#field.value = detail;
  };
}

customElements.define("search-field", SearchField);
