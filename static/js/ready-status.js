/* <ready-status>: tells people who listen to the page when pictures come in, all at once and politely.
   It also lets go of the blurred stand-ins, which would show through transparent pictures. */

const PAUSE_MS = 900;

class ReadyStatus extends HTMLElement {
  #before = new Map();
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
    if (target.dataset.state) this.#before.set(target.id, target.dataset.state);
  };

  #onAfter = ({ detail: { target } }) => {
    // htmx tells of each swap several times; the first one takes the note of the earlier state.
    const before = this.#before.get(target.id);
    this.#before.delete(target.id);
    const now = document.getElementById(target.id)?.dataset.state;
    if (!before || before === "done" || now !== "done") return;
    this.#ready += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#say, PAUSE_MS);
  };

  #say = () => {
    const left = document.querySelectorAll(
      '[data-state="waiting"], [data-state="held"], [data-state="working"], [data-state="saving"]',
    ).length;
    const ready = this.#ready === 1 ? "1 picture is ready" : `${this.#ready} pictures are ready`;
    this.firstElementChild.textContent = left ? `${ready}, ${left} to come.` : `${ready}.`;
    this.#ready = 0;
  };

  #onPicture = ({ target }) => {
    if (target.dataset?.image) this.#unveil(target);
  };

  #unveil(picture) {
    const veil = picture.previousElementSibling;
    if (veil?.matches(".blur")) veil.dataset.done = "";
  }
}

customElements.define("ready-status", ReadyStatus);
