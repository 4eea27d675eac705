/* The keys of a list of pictures: each acts on what is chosen, else on the tile one is at. */

import { onKey } from "./keys.js";

/* `selection` is a <picture-selection>. Returns what unbinds them. */
export function bindKeys(selection) {
  const keys = {
    x: () => selection.toggleHere(),
    "Shift+X": () => selection.toggleHere({ isRange: true }),
    "Ctrl+A": () => selection.chooseAll(),
    Escape: () => selection.leave(),
    Delete: () => selection.act(selection.kind === "trash" ? "delete" : "trash"),
  };
  if (selection.kind !== "trash") {
    Object.assign(keys, {
      f: () => selection.act("favorite"),
      t: () => selection.act("tag"),
      l: () => selection.act("album"),
      c: () => selection.act("compare"),
      p: () => selection.act("copy"),
      r: () => selection.act("remix"),
      "Shift+D": () => selection.act("zip"),
    });
  }
  const bound = Object.entries(keys).map(([name, run]) => onKey(name, run));
  return () => bound.forEach((unbind) => unbind());
}
