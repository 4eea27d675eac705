/* <picture-viewer>: keys for the page of one picture. Arrows walk, Escape goes back, p copies the
   prompt; silent while one types or a dialog is open. A held key doesn't race ahead. */

class PictureViewer extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this.#onKey);
    this.querySelector(".stage-close").addEventListener("click", this.#onClose);
    const picture = this.querySelector("[data-image]");
    const unveil = () => picture.previousElementSibling?.setAttribute("data-done", "");
    if (picture?.complete && picture.naturalWidth) unveil();
    picture?.addEventListener("load", unveil, { once: true });
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#onKey);
  }

  #onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
    if (document.querySelector("dialog[open]") || event.target.matches("input, textarea, select")) return;
    const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!control) return;
    event.preventDefault();
    control.click();
  };

  /* Straight from the gallery, going back keeps one's place in it. */
  #onClose = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !document.referrer) return;
    const from = new URL(document.referrer);
    if (from.origin !== location.origin || from.pathname !== event.currentTarget.pathname) return;
    event.preventDefault();
    history.back();
  };
}

customElements.define("picture-viewer", PictureViewer);
