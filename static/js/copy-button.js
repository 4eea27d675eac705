/* <copy-button for="id">: its button copies that element's text and says so for a moment. */

class CopyButton extends HTMLElement {
  connectedCallback() {
    if (!navigator.clipboard) return;
    this.hidden = false;
    this.addEventListener("click", this.#copy);
  }

  #copy = async () => {
    const button = this.querySelector("button");
    const source = document.getElementById(this.getAttribute("for"));
    if (!source || this.dataset.copied) return;
    await navigator.clipboard.writeText(source.textContent);
    const label = button.textContent;
    this.dataset.copied = "1";
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = label;
      delete this.dataset.copied;
    }, 1600);
  };
}

customElements.define("copy-button", CopyButton);
