/* <poll-watch token delay url>: asks the server now and then what changed among the tiles it came with.

   The answer swaps the changed tiles out of band and puts its own watch, if something is left to wait
   for, in this one's place. Each watch knows what its tiles looked like, so tiles that come in later
   bring their own and none can make another forget. The server sets the pace; a hidden tab rests and
   asks at once when it comes back. */

const LONGEST_SECONDS = 10;

class PollWatch extends HTMLElement {
  #timer = 0;
  #failures = 0;
  #request = null;
  #isOver = false;

  connectedCallback() {
    this.#isOver = !this.getAttribute("token");
    if (this.#isOver) return;
    document.addEventListener("visibilitychange", this.#wake);
    window.addEventListener("online", this.#wake);
    this.addEventListener("htmx:beforeSend", this.#sent);
    this.addEventListener("htmx:beforeOnLoad", this.#landed);
    this.addEventListener("htmx:afterRequest", this.#heard);
    this.#askIn(Number(this.getAttribute("delay")) || 1);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#wake);
    window.removeEventListener("online", this.#wake);
    this.#isOver = true;
    this.#request?.abort();
  }

  #askIn(seconds) {
    clearTimeout(this.#timer);
    if (!this.#isOver && !document.hidden) this.#timer = setTimeout(this.#ask, seconds * 1000);
  }

  #ask = () => {
    if (!window.htmx) return this.#askIn(0.2);
    if (this.#request) return;
    const address = `${this.getAttribute("url")}?token=${encodeURIComponent(this.getAttribute("token"))}`;
    // A failed request rejects without a word; #heard has seen it.
    window.htmx.ajax("GET", address, { source: this, target: this, swap: "outerHTML" }).catch(() => {});
  };

  #wake = () => {
    if (document.hidden) clearTimeout(this.#timer);
    else this.#askIn(0);
  };

  #sent = (event) => {
    this.#request = event.detail.xhr;
  };

  #landed = () => {
    this.#request = null;
  };

  #heard = (event) => {
    this.#request = null;
    const { xhr } = event.detail;
    this.#isOver = xhr.getResponseHeader("X-Poll-Stop") === "1";
    if (xhr.status >= 200 && xhr.status < 300) {
      this.#failures = 0;
      this.#askIn(Number(xhr.getResponseHeader("X-Poll-Seconds")) || 2);
    } else {
      // Away, restarting or refusing: ever more slowly, but it goes on by itself.
      this.#failures += 1;
      this.#askIn(Math.min(LONGEST_SECONDS, 0.5 * 2 ** this.#failures));
    }
  };
}

customElements.define("poll-watch", PollWatch);
