/* Which pictures of a list are chosen. Kept by their ids: tiles come and are exchanged meanwhile, and
   `refresh` makes each say again what it is. */

import { dress, imageOf, paint } from "./tile-controls.js";

export function tilesIn(list) {
  return [...list.querySelectorAll('.tile[data-state="done"]:not([hidden])')].filter(imageOf);
}

export function choosing(list, onChange) {
  const ids = new Set();
  let anchor = null;

  function mark(tile, isChosen) {
    const id = imageOf(tile);
    if (!id) return;
    if (isChosen) ids.add(id);
    else ids.delete(id);
  }

  function changed() {
    refresh();
    onChange();
  }

  function refresh() {
    for (const tile of list.querySelectorAll(".tile")) {
      const isChosen = ids.has(imageOf(tile));
      if (isChosen || list.dataset.selecting !== undefined) dress(tile);
      if (isChosen === (tile.dataset.selected !== undefined)) continue;
      tile.toggleAttribute("data-selected", isChosen);
      paint(tile);
    }
  }

  return {
    ids,
    refresh,
    toggle(tile) {
      anchor = imageOf(tile);
      mark(tile, !ids.has(anchor));
      changed();
    },
    /* From where one chose last to here, whichever is first; as that one is now. */
    range(tile) {
      const tiles = tilesIn(list);
      const from = tiles.findIndex((each) => imageOf(each) === anchor);
      const to = tiles.indexOf(tile);
      if (from < 0 || to < 0) return this.toggle(tile);
      const isChosen = ids.has(anchor);
      tiles.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => mark(each, isChosen));
      changed();
    },
    all() {
      tilesIn(list).forEach((tile) => mark(tile, true));
      changed();
    },
    without(gone) {
      gone.forEach((id) => ids.delete(id));
      changed();
    },
    clear() {
      ids.clear();
      anchor = null;
      changed();
    },
  };
}
