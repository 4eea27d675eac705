/* The next pictures of a review, fetched before they are asked for: each is held for this reviewer by
   the server, its fragment parsed and its picture decoded. */

const AHEAD = 3;

/* The <article> of an answer, ready to be put into the page; null where nothing is left. */
export function articleOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = page.querySelector(".review-one, .review-nothing");
  return found && document.importNode(found, true);
}

/* Resolves when the picture could be painted at once; never rejects. */
export async function decoded(article) {
  const picture = article.querySelector("[data-image]");
  await picture?.decode().catch(() => {});
  picture?.parentElement.querySelector(".review-blur")?.setAttribute("data-done", "");
  article.dataset.ready = "";
  return article;
}

export class Ahead {
  #ready = [];
  #filling = null;
  #isAtEnd = false;
  #after = ""; // the place of the last one fetched

  /* `isKnown` says whether a picture is on the page, or was decided about. */
  constructor(query, isKnown) {
    this.query = query;
    this.isKnown = isKnown;
  }

  has(id) {
    return this.#ready.some((article) => article.dataset.id === id);
  }

  take() {
    return this.#ready.shift() ?? null;
  }

  putBack(article) {
    this.#ready.unshift(article);
  }

  /* Keeps a few ready behind the one that is shown. */
  fill(shown) {
    this.#after ||= shown.dataset.after ?? "";
    this.#filling ??= this.#fill().finally(() => (this.#filling = null));
    return this.#filling;
  }

  async #fill() {
    while (this.#ready.length < AHEAD && !this.#isAtEnd) {
      const next = await this.ask(this.#after);
      this.#isAtEnd = !next?.dataset.id || this.has(next.dataset.id) || this.isKnown(next.dataset.id);
      if (this.#isAtEnd) return;
      this.#ready.push(next);
      this.#after = next.dataset.after;
    }
  }

  /* Behind a place, or from the beginning; null where the server doesn't answer. */
  async ask(after = "") {
    const body = new URLSearchParams(this.query);
    if (after) body.set("after", after);
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    const headers = { "HX-Request": "true" };
    const answer = await fetch("/review/next/", { method: "POST", body, headers }).catch(() => null);
    if (!answer?.ok) return null;
    const article = articleOf(await answer.text());
    return article && decoded(article);
  }

  beginAgain() {
    this.#isAtEnd = false;
    this.#after = "";
  }
}
