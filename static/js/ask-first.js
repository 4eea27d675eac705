/* <ask-first>: a button with a question of its own (data-ask) gets an answer before its form is sent,
   whoever sends it. Without scripts the button's words are all that is said. */

class AskFirst extends HTMLElement {
  #form = null;
  #button = null;
  #granted = null;

  connectedCallback() {
    // Before anybody else hears of it, htmx included.
    document.addEventListener("submit", this.#onSubmit, true);
    this.#dialog.addEventListener("close", this.#onClose);
  }

  disconnectedCallback() {
    document.removeEventListener("submit", this.#onSubmit, true);
    this.#dialog.removeEventListener("close", this.#onClose);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  #onSubmit = (event) => {
    const button = event.submitter ?? event.target.querySelector("[data-ask]");
    const isGranted = this.#granted === event.target;
    this.#granted = null;
    if (isGranted || !button?.dataset.ask) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#dialog.open) return;
    [this.#form, this.#button] = [event.target, button];
    this.querySelector("#ask-question").textContent = button.dataset.ask;
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  };

  #onClose = () => {
    if (this.#dialog.returnValue !== "yes" || !this.#form.isConnected) return;
    this.#granted = this.#form;
    this.#form.requestSubmit(this.#button.isConnected ? this.#button : null);
  };
}

customElements.define("ask-first", AskFirst);
