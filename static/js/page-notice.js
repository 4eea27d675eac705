/* <page-notice>: what the server says about something one did on the page, wherever one has scrolled
   to. A refusal's sentence is read from the answer; other answers put theirs in out of band. */

import { refocus } from "./focus.js";

function sentenceOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-sentence]")?.textContent;
}

class PageNotice extends HTMLElement {
  cameFrom = null; // what had the focus before something in here

  connectedCallback() {
    document.addEventListener("htmx:beforeRequest", this.#onAsk);
    document.addEventListener("htmx:afterRequest", this.#onAnswer);
    document.addEventListener("htmx:responseError", this.#onRefused);
    document.addEventListener("htmx:sendError", this.#onSilence);
    document.addEventListener("htmx:timeout", this.#onSilence);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("focusin", this.#onEnter);
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:beforeRequest", this.#onAsk);
    document.removeEventListener("htmx:afterRequest", this.#onAnswer);
    document.removeEventListener("htmx:responseError", this.#onRefused);
    document.removeEventListener("htmx:sendError", this.#onSilence);
    document.removeEventListener("htmx:timeout", this.#onSilence);
  }

  get #words() {
    return this.querySelector("#notice");
  }

  /* The form on top has its own lines, and polls go on by themselves. */
  #isOurs({ target }) {
    return target.matches(".tile form, page-notice form, picture-panel *");
  }

  #onAsk = ({ target }) => {
    if (target.matches(".tile form")) this.#say("");
  };

  /* Not before: htmx finds the page by the form that asked. */
  #onAnswer = ({ target, detail }) => {
    if (detail.successful && target.matches("page-notice form")) this.#say("");
  };

  #onRefused = (event) => {
    if (!this.#isOurs(event)) return;
    this.#say(sentenceOf(event.detail.xhr.responseText) ?? "That didn’t go through. Reload the page and try again.");
  };

  #onSilence = (event) => {
    if (this.#isOurs(event)) this.#say("The server didn’t answer. Trying once more can’t pay twice.");
  };

  #onEnter = ({ relatedTarget }) => {
    if (!this.contains(relatedTarget)) this.cameFrom = relatedTarget;
  };

  #onClick = ({ target }) => {
    if (!target.closest("[data-close]")) return;
    this.#say("");
    refocus(this.cameFrom);
  };

  #say(sentence) {
    this.#words.replaceChildren();
    if (!sentence) return;
    const line = document.createElement("p");
    line.textContent = sentence;
    this.#words.append(line);
  }
}

customElements.define("page-notice", PageNotice);
