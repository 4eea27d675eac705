/* <gallery-days>: keeps one section per day while pages and new tiles come in, fetches the next page
   ahead of need, and says when something new came in above what one is looking at. */

const AHEAD = "1400px";

class GalleryDays extends HTMLElement {
  #coming = 0;
  #ahead = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && this.#fetchMore(entry.target)),
    { rootMargin: AHEAD },
  );

  #changes = new MutationObserver(() => this.#onChange());

  connectedCallback() {
    this.addEventListener("htmx:oobBeforeSwap", this.#onComing);
    // Runs before the next frame is painted, whichever way the days came in.
    this.#changes.observe(this.querySelector("#days"), { childList: true });
    this.addEventListener("htmx:responseError", this.#onRefused);
    this.addEventListener("click", this.#onClick, true);
    this.#pill.addEventListener("click", () => (this.#pill.hidden = true));
    addEventListener("scroll", this.#onScroll, { passive: true });
    this.#tidy();
  }

  disconnectedCallback() {
    this.#ahead.disconnect();
    this.#changes.disconnect();
    removeEventListener("scroll", this.#onScroll);
  }

  get #pill() {
    return this.querySelector(".new-pill");
  }

  #fetchMore(link) {
    this.#ahead.unobserve(link);
    window.htmx?.trigger(link, "near");
    // Early in the page's life htmx may not listen yet.
    const isAsked = link.classList.contains("htmx-request");
    if (!isAsked && link.isConnected) setTimeout(() => this.#fetchMore(link), 300);
  }

  /* Two neighbours of the same day become one; the longer one stays where it is. */
  #tidy() {
    const days = [...this.querySelectorAll(".day")];
    for (const [at, day] of days.entries()) {
      const next = days[at + 1];
      if (next?.dataset.day !== day.dataset.day) continue;
      const [upper, lower] = [day, next].map((section) => section.querySelector(".grid"));
      const isShort = upper.childElementCount < lower.childElementCount;
      const moved = [...(isShort ? upper : lower).children];
      if (isShort) lower.prepend(...moved);
      else upper.append(...moved);
      (isShort ? day : next).remove();
      // htmx prepares what it put in a little later, and would look for these in vain.
      moved.forEach((tile) => window.htmx?.process(tile));
    }
    const older = this.querySelector(".older a");
    if (older) this.#ahead.observe(older);
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
    this.#pill.textContent = `${this.#coming} new above`;
    this.#pill.hidden = !this.#isBelowTop;
    this.#coming = 0;
  }

  /* What a tile's button met: let the browser post the form and show the page that explains it. */
  #onRefused = ({ target }) => {
    if (target.matches(".note-acts form")) target.submit();
  };

  /* The second click of a double click isn't another order. */
  #onClick = (event) => {
    if (event.detail > 1 && event.target.closest(".note-acts button")) event.preventDefault();
  };

  get #isBelowTop() {
    return this.getBoundingClientRect().top < 0;
  }

  #onScroll = () => {
    if (!this.#pill.hidden && !this.#isBelowTop) this.#pill.hidden = true;
  };
}

customElements.define("gallery-days", GalleryDays);
