/* <album-order move-url>: pictures of an album are put in order by dragging, or step by step by their
   arrow buttons; each move is shown at once and told to the server. */

import { sendForm } from "./send-form.js";

class AlbumOrder extends HTMLElement {
  #dragged = null;
  #home = null;

  connectedCallback() {
    this.addEventListener("submit", this.#onSubmit);
    this.addEventListener("pointerdown", this.#onDown);
    this.addEventListener("dragstart", this.#onStart);
    this.addEventListener("dragover", this.#onOver);
    this.addEventListener("drop", (event) => event.preventDefault());
    this.addEventListener("dragend", this.#onEnd);
  }

  get #places() {
    return [...this.querySelectorAll(".place")];
  }

  /* Only where the mouse takes hold of a picture: its buttons stay buttons. */
  #onDown = ({ target, pointerType }) => {
    const place = target.closest(".place");
    if (place) place.draggable = pointerType === "mouse" && !target.closest("form");
  };

  #onStart = (event) => {
    this.#dragged = event.target.closest(".place");
    this.#home = this.#dragged?.nextElementSibling ?? null;
    event.dataTransfer.effectAllowed = "move";
    requestAnimationFrame(() => this.#dragged?.toggleAttribute("data-dragged", true));
  };

  #onOver = (event) => {
    if (!this.#dragged) return;
    event.preventDefault();
    const over = event.target.closest(".place");
    if (!over || over === this.#dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientX < box.left + box.width / 2) over.before(this.#dragged);
    else over.after(this.#dragged);
  };

  #onEnd = () => {
    const place = this.#dragged;
    this.#dragged = null;
    place.removeAttribute("data-dragged");
    if (place.nextElementSibling !== this.#home) this.#tell(place);
  };

  #onSubmit = async (event) => {
    event.preventDefault();
    const step = event.submitter?.value;
    const place = event.target.closest(".place");
    if (!step) return this.#cover(event.target);
    const places = this.#places;
    const goal = places[places.indexOf(place) + Number(step)];
    if (!goal) return;
    if (step === "1") goal.after(place);
    else goal.before(place);
    event.submitter.focus();
    this.#tell(place);
  };

  async #tell(place) {
    const places = this.#places;
    const at = places.indexOf(place);
    const before = places[at + 1]?.dataset.place ?? "";
    this.querySelector("[role=status]").textContent = `Now at place ${at + 1} of ${places.length}.`;
    // Behind the last one that is loaded there may be more.
    const isCut = !before && document.querySelector(".older a");
    const fields = isCut ? { step: "1" } : { before };
    if (!(await sendForm(this.getAttribute("move-url"), { image: place.dataset.place, ...fields }))) location.reload();
  }

  async #cover(form) {
    if (!(await sendForm(form.getAttribute("action"), Object.fromEntries(new FormData(form))))) return;
    this.querySelectorAll(".place-cover [aria-current]").forEach((each) => each.removeAttribute("aria-current"));
    form.querySelector("button").setAttribute("aria-current", "true");
  }
}

customElements.define("album-order", AlbumOrder);
