/* The keys of an enlarged picture: + and - and 0, and Shift with arrows to look elsewhere. */

import { onKey } from "./keys.js";

const STEP = 1.4;
const KEYS = {
  "+": (zoom) => zoom.by(STEP),
  "=": (zoom) => zoom.by(STEP),
  "-": (zoom) => zoom.by(1 / STEP),
  "0": (zoom) => zoom.zoomTo(1),
  "Shift+ArrowLeft": (zoom) => zoom.pan(-1, 0),
  "Shift+ArrowRight": (zoom) => zoom.pan(1, 0),
  "Shift+ArrowUp": (zoom) => zoom.pan(0, -1),
  "Shift+ArrowDown": (zoom) => zoom.pan(0, 1),
};

/* `zoomOf` finds the <picture-zoom> that is meant. Returns what unbinds them all. */
export function onZoomKeys(zoomOf, layer) {
  const unbind = Object.entries(KEYS).map(([name, run]) =>
    onKey(name, () => run(zoomOf()), { layer, repeats: true }),
  );
  return () => unbind.forEach((each) => each());
}
