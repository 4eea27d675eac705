/* From tile to tile by arrow: left and right in order, up and down to the nearest of the next row. */

const LINK = ".tile:not([hidden]) > a, .tile:not([hidden]) .note-link";

export function isTileLink(element) {
  return element.matches(LINK);
}

/* Where this arrow leads from that link, or nothing at the edge. */
export function linkBeside(list, link, key) {
  const links = [...list.querySelectorAll(LINK)];
  const here = links.indexOf(link);
  if (key === "ArrowLeft") return links[here - 1];
  if (key === "ArrowRight") return links[here + 1];
  return inRow(links, here, key === "ArrowDown" ? 1 : -1);
}

function inRow(links, here, step) {
  const place = (link) => link.closest(".tile").getBoundingClientRect();
  const middle = (box) => box.left + box.width / 2;
  const from = place(links[here]);
  let row = null;
  let best = null;
  for (let at = here + step; links[at]; at += step) {
    const box = place(links[at]);
    if (Math.abs(box.top - from.top) < 4) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 4) break;
    if (!best || Math.abs(middle(box) - middle(from)) < best.away) {
      best = { link: links[at], away: Math.abs(middle(box) - middle(from)) };
    }
  }
  return best?.link;
}
