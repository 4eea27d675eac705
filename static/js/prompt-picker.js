/* <prompt-picker>: the form's “Prompts” link opens templates and recent prompts over the page; what
   one picks or fills in comes into the form. Without scripts the link leads to a page of them. */

class PromptPicker extends HTMLElement {
  connectedCallback() {
    document.addEventListener("click", this.#onClick);
    this.addEventListener("htmx:afterSwap", this.#onSwap);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#onClick);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  #onClick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const link = event.target.closest("[data-prompts]");
    if (link) {
      event.preventDefault();
      this.#open(link.href);
    } else if (this.contains(event.target)) this.#onClickInside(event);
  };

  #onClickInside(event) {
    const prompt = event.target.closest("a[data-prompt]");
    if (prompt) {
      event.preventDefault();
      this.#take(prompt.textContent);
    } else if (event.target === this.#dialog || event.target.closest("[data-close]")) {
      this.#dialog.close();
    }
  }

  async #open(address) {
    const pick = this.querySelector("[data-pick]");
    pick.replaceChildren();
    this.#dialog.showModal();
    await window.htmx.ajax("GET", address, { target: pick }).catch(() => {});
    // Nothing came, or a page that isn't this list: then go there as a link does.
    if (!pick.childElementCount) location.assign(address);
  }

  #onSwap = () => {
    const filled = this.querySelector("[data-filled]");
    if (filled) this.#take(filled.textContent, filled.dataset.template);
    else this.querySelector("[data-pick] :is(input, select, textarea)")?.focus();
  };

  #take(prompt, template = "") {
    this.#dialog.close();
    document.dispatchEvent(new CustomEvent("use-prompt", { detail: { prompt, template } }));
  }
}

customElements.define("prompt-picker", PromptPicker);
