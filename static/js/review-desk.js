/* <review-desk data-query>: one picture after the other by single keys. The next is painted at once,
   the verdict goes to the server meanwhile; what didn't get there comes back. */

import { onKey } from "./keys.js";
import { Ahead, articleOf, decoded } from "./review-ahead.js";
import { countLeft } from "./review-count.js";
import { allSent, sendInTurn } from "./review-send.js";

const VERDICTS = { a: "approve", r: "reject", f: "flag" };
const MOST_REASONS = 9; // a key each

class ReviewDesk extends HTMLElement {
  #unbind = [];
  #decided = new Set(); // a picture fetched ahead may have been decided about meanwhile
  #ahead = new Ahead(this.dataset.query, (id) => id === this.#one?.dataset.id || this.#decided.has(id));

  connectedCallback() {
    const bind = (name, run) => this.#unbind.push(onKey(name, run));
    Object.entries(VERDICTS).forEach(([key, verdict]) => bind(key, () => this.#decide(verdict)));
    for (let index = 0; index < MOST_REASONS; index += 1) bind(String(index + 1), () => this.#because(index));
    bind("n", () => this.querySelector("[name=note]")?.focus());
    bind("s", () => void (this.#one && this.#goOn()));
    ["u", "Ctrl+Z"].forEach((key) => bind(key, () => void this.#takeBack()));
    bind("Escape", () => this.#ask(""));
    this.addEventListener("submit", this.#onSubmit);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("keydown", this.#onNoteKey);
    if (this.#one) decoded(this.#one).then((one) => this.#ahead.fill(one));
    else if (this.querySelector("[data-begin]")) this.#goOn();
  }

  disconnectedCallback() {
    this.#unbind.splice(0).forEach((unbind) => unbind());
  }

  get #one() {
    return this.querySelector(".review-one");
  }

  get #reasons() {
    return [...this.querySelectorAll("[name=reason]")];
  }

  /* What is to be rejected or flagged waits for its reason. */
  #decide(verdict, reason = "") {
    if (this.#one?.dataset.ready === undefined) return;
    if (verdict === "approve" || reason) this.#give(verdict, reason);
    else this.#ask(verdict);
  }

  #ask(verdict) {
    const wasAsking = Boolean(this.dataset.asks);
    this.dataset.asks = verdict;
    if (verdict) this.#say(`Why ${verdict}? Press the number of the reason.`);
    return wasAsking || Boolean(verdict);
  }

  #because(index) {
    if (!this.dataset.asks || !this.#reasons[index]) return false;
    return this.#decide(this.dataset.asks, this.#reasons[index].value);
  }

  async #give(verdict, reason) {
    const one = this.#one;
    const form = one.querySelector("form");
    const { id } = one.dataset;
    const { note, seen } = Object.fromEntries(new FormData(form));
    this.#decided.add(id);
    countLeft(-1);
    const sent = sendInTurn(form.getAttribute("action"), { verdict, reason, note, seen });
    this.#goOn();
    const { ok, isFinal } = await sent;
    if (ok || isFinal) return;
    countLeft(1);
    this.#bring(one);
  }

  async #goOn() {
    const left = this.querySelector(".review-one, .review-nothing");
    const next = this.#ahead.take();
    if (next) return this.#show(next);
    left.setAttribute("aria-busy", "true");
    delete left.dataset.ready;
    if (left.dataset.id) await this.#ahead.fill(left);
    const found = this.#ahead.take() ?? (await this.#fromTheBeginning());
    if (found && left.isConnected && left.hasAttribute("aria-busy")) this.#show(found);
    else if (found?.dataset.id) this.#ahead.putBack(found); // what was left came back meanwhile
  }

  async #fromTheBeginning() {
    await allSent();
    this.#ahead.beginAgain();
    return this.#ahead.ask();
  }

  /* Before whatever is shown now, which comes again after it. */
  #bring(article) {
    const shown = this.#one;
    if (shown && !this.#decided.has(shown.dataset.id)) this.#ahead.putBack(shown);
    article.removeAttribute("aria-busy");
    this.#show(article);
  }

  #show(article) {
    this.#ask("");
    this.#decided.delete(article.dataset.id);
    const hadFocus = this.contains(document.activeElement);
    this.querySelector(".review-one, .review-nothing").replaceWith(article);
    if (hadFocus) article.querySelector(".review-stage")?.focus({ preventScroll: true });
    this.#say(article.querySelector("[data-image]")?.alt ?? article.textContent.trim());
    if (article.matches(".review-one")) decoded(article).then((one) => this.#ahead.fill(one));
  }

  async #takeBack() {
    const { ok, text, headers } = await sendInTurn("/review/undo/", {});
    if (ok && headers.get("HX-Refresh")) return location.reload();
    const article = ok && articleOf(text);
    if (!article) return;
    countLeft(1);
    this.#bring(article);
  }

  #onSubmit = (event) => {
    event.preventDefault();
    if (event.target.matches("[data-take-back]")) return void this.#takeBack();
    if (event.target.matches("[data-skip]")) return void this.#goOn();
    const reason = this.#reasons.find((each) => each.checked)?.value;
    this.#decide(event.submitter.value, reason);
  };

  #onClick = (event) => {
    // A finger or a mouse, not an arrow that walks through the choices.
    const reason = event.detail > 0 && event.target.closest("label")?.querySelector("[name=reason]");
    if (reason && this.dataset.asks) this.#decide(this.dataset.asks, reason.value);
  };

  #onNoteKey = (event) => {
    if (event.target.name !== "note" || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    this.querySelector(".review-stage").focus({ preventScroll: true });
  };

  #say(words) {
    document.getElementById("review-status").textContent = words;
  }
}

customElements.define("review-desk", ReviewDesk);
