/* Fingers on a picture: a swipe to another one, a pinch, a drag while it is enlarged, a double tap. */

const SWIPE_PX = 48;
const CLOSE_PX = 90;
const TAP_MS = 280;
const TAP_PX = 12;

const apart = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
const middle = ([a, b]) => ({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });

/* `zoom` is told: isZoomed, toggle, by, moveBy, and its frame, which follows the finger. */
export function followTouches(element, zoom) {
  let start = null; // of one finger
  let last = null;
  let pinch = 0;
  let tapped = 0;

  function letGo() {
    zoom.frame.style.translate = "";
    start = last = null;
    pinch = 0;
  }

  element.addEventListener("touchstart", ({ touches }) => {
    if (zoom.isStill) return;
    if (touches.length === 1) start = last = { x: touches[0].clientX, y: touches[0].clientY };
    else start = null;
    pinch = touches.length === 2 ? apart(touches) : 0;
  }, { passive: true });

  element.addEventListener("touchmove", (event) => {
    const { touches } = event;
    if (pinch && touches.length === 2) {
      event.preventDefault();
      zoom.by(apart(touches) / pinch, middle(touches));
      pinch = apart(touches);
      return;
    }
    if (!start) return;
    const here = { x: touches[0].clientX, y: touches[0].clientY };
    const [x, y] = [here.x - start.x, here.y - start.y];
    if (zoom.isZoomed) {
      event.preventDefault();
      zoom.moveBy(here.x - last.x, here.y - last.y);
    } else if (Math.abs(x) > Math.abs(y)) {
      if (event.cancelable) event.preventDefault();
      zoom.frame.style.translate = `${x}px 0`;
    }
    last = here;
  }, { passive: false });

  element.addEventListener("touchend", (event) => {
    if (start && last) {
      const [x, y] = [last.x - start.x, last.y - start.y];
      if (Math.hypot(x, y) < TAP_PX) tap(event.changedTouches[0]);
      else if (!zoom.isZoomed) swipe(x, y);
    }
    if (!event.touches.length) letGo();
  });

  element.addEventListener("touchcancel", letGo);

  function tap(touch) {
    const now = performance.now();
    if (now - tapped < TAP_MS) zoom.toggle(touch);
    tapped = now - tapped < TAP_MS ? 0 : now;
  }

  function swipe(x, y) {
    const way = Math.abs(x) > 1.5 * Math.abs(y)
      ? Math.abs(x) > SWIPE_PX && (x < 0 ? "left" : "right")
      : y > CLOSE_PX && y > 1.5 * Math.abs(x) && "down";
    if (way) element.dispatchEvent(new CustomEvent("swipe", { bubbles: true, detail: way }));
  }
}
