/* <picture-compare>: two pictures side by side, where what one does to the one happens to the other, or
   one over the other with a line between them that is dragged or moved by keys. */

import { onZoomKeys } from "./zoom-keys.js";

class PictureCompare extends HTMLElement {
  #unbind = null;

  connectedCallback() {
    this.querySelectorAll(".segments, .compare-slider").forEach((each) => (each.hidden = false));
    this.addEventListener("zoomed", this.#onZoomed);
    this.addEventListener("change", this.#onChoice);
    this.addEventListener("input", ({ target }) => target.type === "range" && this.#split(target.value));
    this.#stage.addEventListener("pointerdown", this.#onDrag);
    this.#stage.addEventListener("pointermove", (event) => event.buttons && this.#onDrag(event));
    this.#unbind = onZoomKeys(() => this.querySelector("picture-zoom"), null);
    this.querySelectorAll("[data-image]").forEach(async (picture) => {
      await picture.decode().catch(() => {});
      picture.previousElementSibling?.setAttribute("data-done", "");
    });
    this.#choose(sessionStorage.getItem("compare") ?? "slider");
  }

  disconnectedCallback() {
    this.#unbind?.();
  }

  get #stage() {
    return this.querySelector(".compare-stage");
  }

  get #slider() {
    return this.querySelector("[type=range]");
  }

  #onZoomed = ({ target, detail }) => {
    this.querySelectorAll("picture-zoom").forEach((zoom) => {
      if (zoom !== target) zoom.view = detail;
    });
  };

  #onChoice = ({ target }) => {
    if (target.name !== "mode") return;
    sessionStorage.setItem("compare", target.value);
    this.#choose(target.value);
  };

  #choose(mode) {
    const choice = this.querySelector(`[name=mode][value="${CSS.escape(mode)}"]`);
    if (!choice) return;
    choice.checked = true;
    this.dataset.mode = mode;
    this.querySelector(".compare-slider").hidden = mode !== "slider";
    this.querySelectorAll("picture-zoom").forEach((zoom) => {
      zoom.zoomTo(1);
      zoom.toggleAttribute("data-still", mode === "slider");
    });
    this.#split(this.#slider.value);
  }

  /* The line stands where the finger or the mouse is. */
  #onDrag = (event) => {
    if (this.dataset.mode !== "slider" || event.button > 0) return;
    const box = this.querySelector(".frame").getBoundingClientRect();
    const part = ((event.clientX - box.left) / box.width) * 100;
    this.#slider.value = String(Math.round(part));
    this.#split(this.#slider.value);
  };

  #split(percent) {
    const isSlider = this.dataset.mode === "slider";
    this.#line.style.left = `${percent}%`;
    this.querySelectorAll(".frame")[1].style.clipPath = isSlider ? `inset(0 0 0 ${percent}%)` : "";
  }

  get #line() {
    const frame = this.querySelector(".frame");
    const line = frame.querySelector(".compare-line") ?? document.createElement("i");
    line.className = "compare-line";
    if (!line.isConnected) frame.append(line);
    return line;
  }
}

customElements.define("picture-compare", PictureCompare);
