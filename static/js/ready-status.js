/* <ready-status>: tells people who listen to the page when pictures come in, all at once and politely.
   It also keeps the focus where it was when the tile under it is exchanged, and lets go of the blurred
   stand-ins, which would show through transparent pictures. */

const PAUSE_MS = 900;

class ReadyStatus extends HTMLElement {
  #before = new Map();
  #focused = "";
  #ready = 0;
  #timer = 0;

  connectedCallback() {
    document.addEventListener("htmx:oobBeforeSwap", this.#onBefore);
    document.addEventListener("htmx:oobAfterSwap", this.#onAfter);
    document.addEventListener("load", this.#onPicture, true);
    document.querySelectorAll("img[data-image]").forEach((picture) => {
      if (picture.complete && picture.naturalWidth) this.#unveil(picture);
    });
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:oobBeforeSwap", this.#onBefore);
    document.removeEventListener("htmx:oobAfterSwap", this.#onAfter);
    document.removeEventListener("load", this.#onPicture, true);
  }

  #onBefore = ({ detail: { target } }) => {
    if (!target.dataset.state) return;
    this.#before.set(target.id, target.dataset.state);
    if (target.contains(document.activeElement)) this.#focused = target.id;
  };

  /* htmx tells of every swap of an answer, to each element that it has put in so far. */
  #onAfter = ({ detail: { target } }) => {
    const before = this.#before.get(target.id);
    this.#before.delete(target.id);
    const tile = document.getElementById(target.id);
    if (tile && this.#focused === tile.id) tile.querySelector("a")?.focus({ preventScroll: true });
    this.#focused = "";
    if (!before || before === "done" || tile?.dataset.state !== "done") return;
    this.#ready += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#say, PAUSE_MS);
  };

  #say = () => {
    const left = document.querySelectorAll(
      '.tile:not([hidden]):is([data-state="waiting"], [data-state="held"], [data-state="working"], [data-state="saving"])',
    ).length;
    document.dispatchEvent(new CustomEvent("pictures-ready", { detail: { count: this.#ready, left } }));
    const ready = this.#ready === 1 ? "1 picture is ready" : `${this.#ready} pictures are ready`;
    this.firstElementChild.textContent = left ? `${ready}, ${left} to come.` : `${ready}.`;
    this.#ready = 0;
  };

  #onPicture = ({ target }) => {
    if (target.dataset?.image) this.#unveil(target);
  };

  #unveil(picture) {
    const veil = picture.previousElementSibling;
    if (veil) veil.dataset.done = "";
  }
}

customElements.define("ready-status", ReadyStatus);
