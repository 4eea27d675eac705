/* <tick-all>: a button that ticks every box of its form, or none once all are ticked. */

class TickAll extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", this.#toggle);
    this.closest("form").addEventListener("change", this.#say);
    this.#say();
  }

  get #boxes() {
    return [...this.closest("form").querySelectorAll("[type=checkbox]")];
  }

  get #isAll() {
    return this.#boxes.every((box) => box.checked);
  }

  #toggle = () => {
    const wanted = !this.#isAll;
    this.#boxes.forEach((box) => (box.checked = wanted));
    this.#say();
  };

  #say = () => {
    this.querySelector("button").textContent = this.#isAll ? "Tick none" : "Tick all";
  };
}

customElements.define("tick-all", TickAll);
