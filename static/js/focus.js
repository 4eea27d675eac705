/* Where the focus goes when what had it has gone: it is never left with nobody. */

function isLost() {
  const at = document.activeElement;
  return !at || at === document.body || !at.checkVisibility();
}

/* The first of these that is there and shown; nothing happens while somebody has the focus. */
export function refocus(...candidates) {
  if (!isLost()) return;
  candidates.find((each) => each?.checkVisibility())?.focus({ preventScroll: true });
}
