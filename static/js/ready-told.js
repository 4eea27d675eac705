/* <ready-told>: tells who looks at another tab that pictures are ready: a number in the title and, for
   who has allowed it with its button, a notification. */

class ReadyTold extends HTMLElement {
  #unseen = 0;
  #title = document.title;

  connectedCallback() {
    document.addEventListener("pictures-ready", this.#onReady);
    document.addEventListener("visibilitychange", this.#onLook);
    this.querySelector("button").addEventListener("click", this.#ask);
    this.#offer();
  }

  disconnectedCallback() {
    document.removeEventListener("pictures-ready", this.#onReady);
    document.removeEventListener("visibilitychange", this.#onLook);
  }

  /* Offered where the browser can, until it has been answered. */
  #offer() {
    this.hidden = !("Notification" in window && Notification.permission === "default");
  }

  #ask = async () => {
    await Notification.requestPermission();
    this.#offer();
  };

  #onReady = ({ detail: { count, left } }) => {
    if (!document.hidden) return;
    if (!this.#unseen) this.#title = document.title;
    this.#unseen += count;
    document.title = `(${this.#unseen}) ${this.#title}`;
    if ("Notification" in window && Notification.permission === "granted") this.#notify(left);
  };

  #notify(left) {
    const ready = this.#unseen === 1 ? "1 picture is ready" : `${this.#unseen} pictures are ready`;
    const body = left ? `${left} to come.` : "";
    try {
      const notice = new Notification(ready, { body, tag: "pictures-ready" });
      notice.addEventListener("click", () => {
        window.focus();
        notice.close();
      });
    } catch {
      // Some phones only let a service worker notify: the title has to do.
    }
  }

  #onLook = () => {
    if (document.hidden || !this.#unseen) return;
    this.#unseen = 0;
    document.title = this.#title;
  };
}

customElements.define("ready-told", ReadyTold);
