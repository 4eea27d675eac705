/* <picture-zoom data-original>: shows the picture in it as large as one likes. A click or z turns between
   fitting and full size; wheel, pinch, + and - go further, dragging and Shift with arrows move it.
   Tells "zoomed" with what is seen, which another of its kind can take over, and "swipe". */

import { followTouches } from "./touches.js";

const MOST = 8;
const PAN_PX = 80;
const CLICK_PX = 4;
const between = (low, value, high) => Math.min(Math.max(value, low), high);

class PictureZoom extends HTMLElement {
  #scale = 1;
  #x = 0;
  #y = 0;
  #drag = null;

  connectedCallback() {
    this.addEventListener("wheel", this.#onWheel, { passive: false });
    this.addEventListener("pointerdown", this.#onDown);
    this.addEventListener("pointermove", this.#onMove);
    this.addEventListener("pointerup", this.#onUp);
    this.addEventListener("pointercancel", () => (this.#drag = null));
    followTouches(this, this);
  }

  get frame() {
    return this.querySelector(".frame");
  }

  get isStill() {
    return this.hasAttribute("data-still") || !this.querySelector("[data-image]");
  }

  get isZoomed() {
    return this.#scale > 1;
  }

  /* What is seen, whatever the size of the frame: its scale and where its middle is. */
  get view() {
    const { offsetWidth, offsetHeight } = this.frame;
    return { scale: this.#scale, x: this.#x / offsetWidth, y: this.#y / offsetHeight };
  }

  set view({ scale, x, y }) {
    this.#apply(scale, x * this.frame.offsetWidth, y * this.frame.offsetHeight);
  }

  /* Between fitting and one picture pixel for each of the screen's; at least twice as large. */
  toggle(at) {
    this.zoomTo(this.isZoomed ? 1 : Math.max(this.#full, 2), at);
  }

  get #full() {
    const width = Number(this.querySelector("[data-image]")?.getAttribute("width"));
    return width / (this.frame.offsetWidth * devicePixelRatio);
  }

  by(factor, at) {
    this.zoomTo(this.#scale * factor, at);
  }

  /* What is under the point stays under it; without one, the middle does. */
  zoomTo(wanted, { clientX, clientY } = {}) {
    const most = this.isStill ? 1 : Math.max(MOST, this.#full * 2);
    const scale = between(1, wanted, most);
    const box = this.getBoundingClientRect();
    const x = clientX === undefined ? 0 : clientX - box.left - box.width / 2;
    const y = clientY === undefined ? 0 : clientY - box.top - box.height / 2;
    const growth = scale / this.#scale;
    this.#apply(scale, x - (x - this.#x) * growth, y - (y - this.#y) * growth);
    this.#tell("zoomed", this.view);
  }

  moveBy(x, y) {
    if (!this.isZoomed) return false;
    this.#apply(this.#scale, this.#x + x, this.#y + y);
    this.#tell("zoomed", this.view);
    return true;
  }

  pan(columns, rows) {
    return this.moveBy(-columns * PAN_PX, -rows * PAN_PX);
  }

  #apply(scale, x, y) {
    const { frame } = this;
    const room = (side, own) => Math.max(0, (side * scale - own) / 2);
    const [wide, high] = [room(frame.offsetWidth, this.clientWidth), room(frame.offsetHeight, this.clientHeight)];
    [this.#scale, this.#x, this.#y] = [scale, between(-wide, x, wide), between(-high, y, high)];
    frame.style.transform = scale > 1 ? `translate(${this.#x}px, ${this.#y}px) scale(${scale})` : "";
    this.toggleAttribute("data-zoomed", scale > 1);
    this.#sharpen();
  }

  /* More pixels than fit into the frame are fetched once they are wanted. */
  #sharpen() {
    const picture = this.querySelector("[data-image]");
    if (!picture || !this.isZoomed) return;
    const wanted = Math.ceil(this.frame.offsetWidth * this.#scale);
    picture.sizes = `${wanted}px`;
    const { original } = this.dataset;
    if (!original || wanted * devicePixelRatio <= 1600) return;
    delete this.dataset.original;
    const whole = new Image();
    whole.src = original;
    whole.decode().then(() => {
      picture.removeAttribute("srcset");
      picture.src = original;
    }, () => {});
  }

  #onWheel = (event) => {
    const isPage = !this.closest(".viewer") || matchMedia("(max-width: 900px)").matches;
    if (this.isStill || (isPage && !event.ctrlKey && !this.isZoomed)) return;
    event.preventDefault();
    this.by(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event);
  };

  #onDown = (event) => {
    if (this.isStill || event.pointerType === "touch" || event.button || !event.target.closest(".frame")) return;
    this.setPointerCapture(event.pointerId);
    this.#drag = { x: event.clientX, y: event.clientY, moved: 0 };
  };

  #onMove = (event) => {
    if (!this.#drag) return;
    const [x, y] = [event.clientX - this.#drag.x, event.clientY - this.#drag.y];
    this.#drag = { x: event.clientX, y: event.clientY, moved: this.#drag.moved + Math.hypot(x, y) };
    this.moveBy(x, y);
  };

  #onUp = (event) => {
    if (this.#drag && this.#drag.moved < CLICK_PX) this.toggle(event);
    this.#drag = null;
  };

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

customElements.define("picture-zoom", PictureZoom);
