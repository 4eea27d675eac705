/* <elapsed-time seconds usual>: counts on from what the server said, once a second. */

function spoken(seconds) {
  if (seconds < 100) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

class ElapsedTime extends HTMLElement {
  #timer = 0;
  #start = 0;

  connectedCallback() {
    // Kept when the element is moved, so that it never counts anew.
    this.#start ||= performance.now() - Number(this.getAttribute("seconds")) * 1000;
    this.#timer = setInterval(this.#tick, 1000);
    this.#tick();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #tick = () => {
    const seconds = Math.floor((performance.now() - this.#start) / 1000);
    const usual = Number(this.getAttribute("usual"));
    const now = this.querySelector("[data-now]");
    const words = this.querySelector(".usual");
    const bar = this.querySelector("progress");
    if (now) now.textContent = spoken(seconds);
    if (words && seconds > usual) words.textContent = `, usually ${spoken(usual)}`;
    // Past the usual time the bar waits just short of its end: it isn't done until it's done.
    if (bar) bar.value = Math.min(seconds, usual * 0.96);
  };
}

customElements.define("elapsed-time", ElapsedTime);
