/* Pictures of the viewer fetched ahead: each address's fragment once, its picture decoded. */

const MOST_KEPT = 12;
const known = new Map();

/* The <picture-viewer> of an address, not yet in the page; null where one has to go there instead. */
export async function fetchPicture(address) {
  const html = await (known.get(address) ?? ask(address));
  const page = new DOMParser().parseFromString(html, "text/html");
  const viewer = page.querySelector("picture-viewer");
  return viewer && document.importNode(viewer, true);
}

/* After something was changed, what was fetched before may say otherwise. */
export function forgetPictures() {
  known.clear();
}

/* Resolves when the picture could be shown without a wait; never rejects. */
export async function preload(address) {
  try {
    const picture = (await fetchPicture(address))?.querySelector("[data-image]");
    await picture?.decode();
  } catch {
    known.delete(address);
  }
}

function ask(address) {
  const answer = fetch(address, { headers: { "HX-Request": "true" } }).then((response) =>
    response.ok ? response.text() : "",
  );
  known.set(address, answer);
  if (known.size > MOST_KEPT) known.delete(known.keys().next().value);
  answer.catch(() => known.delete(address));
  return answer;
}
