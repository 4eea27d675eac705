/* <gallery-days>: keeps one section per day while pages and new tiles come in, fetches the next page
   ahead of need, and says when something new came in above what one is looking at. */

const AHEAD = "1400px";

class GalleryDays extends HTMLElement {
  #coming = 0;
  #ahead = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && this.#fetchMore(entry.target)),
    { rootMargin: AHEAD },
  );

  connectedCallback() {
    this.addEventListener("htmx:oobBeforeSwap", this.#onComing);
    this.addEventListener("htmx:oobAfterSwap", this.#onNew);
    this.addEventListener("htmx:afterSwap", this.#tidy);
    this.#pill.addEventListener("click", () => (this.#pill.hidden = true));
    addEventListener("scroll", this.#onScroll, { passive: true });
    this.#tidy();
  }

  disconnectedCallback() {
    this.#ahead.disconnect();
    removeEventListener("scroll", this.#onScroll);
  }

  get #pill() {
    return this.querySelector(".new-pill");
  }

  #fetchMore(link) {
    this.#ahead.unobserve(link);
    window.htmx?.trigger(link, "near");
  }

  /* Two neighbours of the same day become one; the longer one stays where it is. */
  #tidy = () => {
    for (const day of this.querySelectorAll(".day")) {
      const next = day.nextElementSibling;
      if (next?.dataset.day !== day.dataset.day) continue;
      const [upper, lower] = [day, next].map((section) => section.querySelector(".grid"));
      if (upper.childElementCount < lower.childElementCount) {
        lower.prepend(...upper.children);
        day.remove();
      } else {
        upper.append(...lower.children);
        next.remove();
      }
    }
    const older = this.querySelector(".older a");
    if (older) this.#ahead.observe(older);
  };

  #onComing = ({ detail: { target, fragment } }) => {
    if (target.id === "days") this.#coming = fragment.querySelectorAll(".tile").length;
  };

  #onNew = () => {
    if (!this.#coming) return;
    this.#tidy();
    this.#pill.textContent = `${this.#coming} new above`;
    this.#pill.hidden = !this.#isBelowTop;
    this.#coming = 0;
  };

  get #isBelowTop() {
    return this.getBoundingClientRect().top < 0;
  }

  #onScroll = () => {
    if (!this.#pill.hidden && !this.#isBelowTop) this.#pill.hidden = true;
  };
}

customElements.define("gallery-days", GalleryDays);
