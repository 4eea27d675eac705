/* Whether a viewer's panel is shown: kept in a cookie, so that the next page comes as one left this. */

import { refocus } from "./focus.js";

export function toggleInfo(viewer) {
  viewer.dataset.info = viewer.dataset.info === "closed" ? "open" : "closed";
  document.cookie = `info=${viewer.dataset.info}; path=/; max-age=31536000; samesite=lax`;
  sayInfo(viewer);
  refocus(viewer.querySelector(".stage"));
}

export function sayInfo(viewer) {
  viewer.querySelector("[data-toggle-info]")?.setAttribute("aria-pressed", viewer.dataset.info !== "closed");
}
