/* <older-pages>: fetches a list's next page ahead of need. Without scripts its link turns the page. */

import { fetchAhead } from "./ahead.js";
import { keepCounts } from "./list-counts.js";

class OlderPages extends HTMLElement {
  #ahead = fetchAhead();
  #changes = new MutationObserver(() => this.#look());
  #endCounts = null;

  connectedCallback() {
    this.#endCounts = keepCounts(this);
    this.#changes.observe(this, { childList: true, subtree: true });
    this.#look();
  }

  disconnectedCallback() {
    this.#ahead.disconnect();
    this.#changes.disconnect();
    this.#endCounts();
  }

  #look() {
    const link = this.querySelector(".older a");
    if (link) this.#ahead.observe(link);
  }
}

customElements.define("older-pages", OlderPages);
