/* What a finished tile gets when somebody turns to it: a tick box, a heart, its prompt and two things
   to do. Made when first asked for: a long page stays light. */

export function imageOf(tile) {
  const picture = tile?.querySelector("[data-image]");
  return picture?.dataset.image ?? tile?.querySelector(":scope > a, .note-link")?.pathname.match(/^\/images\/([\w-]+)\//)?.[1];
}

export function linkOf(tile) {
  return tile.querySelector(":scope > a, .note-link");
}

let isWalking = false; // by keys, since the pointer moved last

document.addEventListener("pointermove", () => (isWalking = false), { passive: true });
document.addEventListener("keydown", ({ key }) => {
  if (key === "Tab" || key.startsWith("Arrow")) isWalking = true;
});

/* The tile one is at: who walks by keys is where the focus is, else it is the one under the pointer. */
export function tileAt(list) {
  const focused = document.activeElement?.closest(".tile");
  const hovered = list.querySelector(".tile:hover");
  const tile = isWalking ? (focused ?? hovered) : (hovered ?? focused);
  return tile && list.contains(tile) ? tile : null;
}

/* The tile with its controls; nothing for a tile without a picture, or where the page has none. */
export function dress(tile) {
  const template = document.getElementById("tile-over");
  if (!template || tile.dataset.state !== "done" || !imageOf(tile)) return null;
  if (tile.dataset.dressed === undefined) {
    tile.dataset.dressed = "";
    const words = tile.querySelector("[data-image]")?.alt ?? linkOf(tile).textContent;
    const made = template.content.cloneNode(true);
    if (tile.querySelector(".tick")) made.querySelector(".tick").remove();
    made.querySelector("p")?.append(words);
    const remix = made.querySelector(".over a");
    remix?.setAttribute("href", `${remix.getAttribute("href")}?remix=${tile.dataset.generation}`);
    tile.append(made);
    tile.querySelector(".tick input").setAttribute("aria-label", `Select: ${words}`);
  }
  paint(tile);
  return tile;
}

/* Box and heart as the tile's own attributes say. */
export function paint(tile) {
  const box = tile.querySelector(".tick input");
  if (box) box.checked = tile.dataset.selected !== undefined;
  const heart = tile.querySelector(".heart");
  if (!heart) return;
  const isLiked = tile.dataset.favorite !== undefined;
  heart.setAttribute("aria-pressed", String(isLiked));
  heart.setAttribute("aria-label", "Favourite");
}

export function setFavorite(tile, isLiked) {
  tile.toggleAttribute("data-favorite", isLiked);
  paint(tile);
}
