/* <gallery-days news>: keeps one section per day while pages and new tiles come in, fetches the next
   page ahead of need, and says when something new came in above what one is looking at: from this page
   or, by asking at `news`, from another one or from a program. Nothing moves until one asks for it. */

import { fetchAhead } from "./ahead.js";
import { refocus } from "./focus.js";
import { keepCounts } from "./list-counts.js";

const NEWS_MS = 30_000;

/* A day's runs, else its tiles. */
function piecesOf(day) {
  const runs = [...day.querySelectorAll(":scope > .run")];
  return runs.length ? runs : [...day.querySelector(".grid").children];
}

class GalleryDays extends HTMLElement {
  #coming = 0;
  #ahead = fetchAhead();
  #changes = new MutationObserver(() => this.#onChange());
  #others = new BroadcastChannel("gallery");
  #timer = 0;
  #endCounts = null;

  connectedCallback() {
    this.#endCounts = keepCounts(this);
    this.addEventListener("htmx:oobBeforeSwap", this.#onComing);
    // Runs before the next frame is painted, whichever way the days came in.
    this.#changes.observe(this.querySelector("#days"), { childList: true });
    this.addEventListener("click", this.#onClick, true);
    this.#pill.addEventListener("click", this.#onPill);
    if (this.hasAttribute("news")) this.#listen();
    addEventListener("scroll", this.#onScroll, { passive: true });
    this.#tidy();
  }

  disconnectedCallback() {
    this.#ahead.disconnect();
    this.#changes.disconnect();
    removeEventListener("scroll", this.#onScroll);
    document.removeEventListener("visibilitychange", this.#onNews);
    clearInterval(this.#timer);
    this.#others.close();
    this.#endCounts();
  }

  #listen() {
    this.#others.onmessage = this.#onNews;
    document.addEventListener("visibilitychange", this.#onNews);
    this.#timer = setInterval(this.#onNews, NEWS_MS);
  }

  #onPill = () => {
    this.#pill.hidden = true;
    refocus(this.querySelector(".tile a"));
  };

  #onNews = async () => {
    if (document.hidden || document.querySelector("dialog[open]")) return;
    const address = new URL(this.getAttribute("news"), location);
    address.searchParams.set("above", this.#newest);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status !== 200 || !this.isConnected) return;
    this.#say(await answer.text(), { isHere: false });
  };

  /* Sort keys are longer than a number is exact. */
  get #newest() {
    const keys = [...this.querySelectorAll(".day")].map((day) => BigInt(day.dataset.newest));
    return String(keys.reduce((most, key) => (key > most ? key : most), 0n));
  }

  #say(words, { isHere }) {
    const pill = this.#pill;
    pill.textContent = words;
    pill.href = isHere ? "#top" : location.pathname + location.search;
    pill.toggleAttribute("data-find", !isHere);
    pill.hidden = false;
  }

  get #pill() {
    return this.querySelector(".new-pill");
  }

  /* Two neighbours of the same day become one; the longer one stays where it is. */
  #tidy() {
    const days = [...this.querySelectorAll(".day")];
    for (const [at, day] of days.entries()) {
      const next = days[at + 1];
      if (next?.dataset.day !== day.dataset.day) continue;
      next.dataset.newest = day.dataset.newest;
      const [upper, lower] = [day, next].map(piecesOf);
      const isShort = upper.length < lower.length;
      const moved = isShort ? upper : lower;
      if (isShort) lower[0].before(...moved);
      else upper.at(-1).after(...moved);
      (isShort ? day : next).remove();
      this.#joinRuns(isShort ? next : day);
      // htmx prepares what it put in a little later, and would look for these in vain.
      moved.forEach((tile) => window.htmx?.process(tile));
    }
    const older = this.querySelector(".older a");
    if (older) this.#ahead.observe(older);
  }

  /* A run that a page's end has cut in two. */
  #joinRuns(day) {
    for (const run of day.querySelectorAll(".run")) {
      const next = run.nextElementSibling;
      if (!next || next.dataset.run !== run.dataset.run) continue;
      next.querySelector(".grid").prepend(...run.querySelector(".grid").children);
      run.remove();
    }
  }

  #onComing = ({ detail: { target, fragment } }) => {
    if (target.id !== "days") return;
    // The same form sent twice is answered with the same tiles.
    for (const tile of fragment.querySelectorAll(".tile")) {
      if (document.getElementById(tile.id)) tile.remove();
    }
    this.#coming = fragment.querySelectorAll(".tile").length;
    if (!this.#coming) fragment.replaceChildren();
  };

  #onChange() {
    this.#tidy();
    if (!this.#coming) return;
    if (this.#isBelowTop) this.#say(`${this.#coming} new above`, { isHere: true });
    this.#others.postMessage("new");
    this.#coming = 0;
  }

  /* The second click of a double click isn't another order. */
  #onClick = (event) => {
    if (event.detail > 1 && event.target.closest(".note-acts button")) event.preventDefault();
  };

  get #isBelowTop() {
    return this.getBoundingClientRect().top < 0;
  }

  #onScroll = () => {
    if (!this.#isBelowTop && !this.#pill.matches("[data-find]")) this.#pill.hidden = true;
  };
}

customElements.define("gallery-days", GalleryDays);
