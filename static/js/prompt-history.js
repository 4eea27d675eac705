/* <prompt-history url for>: Alt+↑ and Alt+↓ in the prompt's field walk through what one asked for
   before. What one was writing is the newest of them and is never lost. */

import { onKey } from "./keys.js";

class PromptHistory extends HTMLElement {
  #prompts = null;
  #draft = "";
  #at = -1; // -1: what one is writing
  #unbind = [];

  connectedCallback() {
    const options = { whileTyping: true, repeats: true };
    this.#unbind = [
      onKey("Alt+ArrowUp", () => this.#walk(1), options),
      onKey("Alt+ArrowDown", () => this.#walk(-1), options),
    ];
    document.addEventListener("htmx:afterRequest", this.#onSent);
  }

  disconnectedCallback() {
    this.#unbind.forEach((unbind) => unbind());
    document.removeEventListener("htmx:afterRequest", this.#onSent);
  }

  get #field() {
    return document.getElementById(this.getAttribute("for"));
  }

  #walk(step) {
    if (document.activeElement !== this.#field) return false;
    this.#step(step);
    return true;
  }

  async #step(step) {
    const prompts = await this.#load();
    if (this.#at >= 0 && this.#field.value !== prompts[this.#at]) this.#at = -1; // changed since
    if (this.#at === -1) this.#draft = this.#field.value;
    const others = (at) => at >= 0 && prompts[at] === this.#draft;
    let goal = this.#at + step;
    if (others(goal)) goal += step;
    if (goal < -1 || goal >= prompts.length) return;
    this.#at = goal;
    this.#field.value = goal === -1 ? this.#draft : prompts[goal];
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  async #load() {
    if (this.#prompts) return this.#prompts;
    try {
      const answer = await fetch(this.getAttribute("url"), { headers: { Accept: "application/json" } });
      if (!answer.ok) return [];
      this.#prompts = (await answer.json()).prompts;
    } catch {
      return []; // away: the next press asks again
    }
    return this.#prompts;
  }

  /* A submission makes a newer one. */
  #onSent = ({ detail }) => {
    if (detail.requestConfig?.verb === "post" && detail.elt.id === "prompt-form") {
      this.#prompts = null;
      this.#at = -1;
    }
  };
}

customElements.define("prompt-history", PromptHistory);
