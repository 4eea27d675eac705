/* What an action does to the tiles on the page, at once; and the way back. */

import { refocus } from "./focus.js";
import { imageOf, linkOf, setFavorite } from "./tile-controls.js";

const HIDING = new Set(["trash", "restore", "delete", "unalbum", "move"]);

export function tilesOf(list, ids) {
  const wanted = new Set(ids);
  return [...list.querySelectorAll(".tile")].filter((tile) => wanted.has(imageOf(tile)));
}

/* The focus goes to the first of them, if nobody has it. */
export function refocusOn(list, ids) {
  const [first] = tilesOf(list, ids);
  refocus(first && linkOf(first), list.querySelector(".tile:not([hidden]) > a"));
}

/* Returns what takes it back. */
export function applyTo(list, action, ids) {
  const tiles = tilesOf(list, ids);
  if (HIDING.has(action)) return hide(list, tiles);
  if (action !== "favorite" && action !== "unfavorite") return () => {};
  const isLiked = action === "favorite";
  const changed = tiles.filter((tile) => (tile.dataset.favorite !== undefined) !== isLiked);
  changed.forEach((tile) => setFavorite(tile, isLiked));
  return () => changed.forEach((tile) => setFavorite(tile, !isLiked));
}

/* Hidden, not removed: undo puts each back where it was. The focus goes on to what comes next. */
function hide(list, tiles) {
  const shown = [...list.querySelectorAll(".tile:not([hidden])")];
  const gone = new Set(tiles);
  const focused = document.activeElement?.closest(".tile");
  const at = shown.indexOf(gone.has(focused) ? focused : tiles[0]);
  const isLost = gone.has(focused) || !document.activeElement?.closest(".tile, dialog[open], input, textarea");
  tiles.forEach((tile) => (tile.hidden = true));
  const next = shown.slice(at).find((tile) => !gone.has(tile)) ?? shown.slice(0, at).findLast((tile) => !gone.has(tile));
  if (isLost) (next ? linkOf(next) : document.getElementById("main"))?.focus();
  return () => {
    tiles.forEach((tile) => (tile.hidden = false));
    linkOf(tiles[0] ?? list)?.focus();
  };
}
