/* <gallery-finder>: what is found takes the place of what was there, without leaving the page.

   Links and forms marked `data-find`, also those in the head, lead to the gallery with other filters:
   the list is fetched, the address pushed, and Back and Forward fetch again. Links marked
   `data-sheet` open what they lead to over the page. Without scripts all of them are plain. */

import { refocus } from "./focus.js";
import { onKey } from "./keys.js";

class GalleryFinder extends HTMLElement {
  #shown = location.pathname + location.search;
  #unbind = [];

  connectedCallback() {
    document.addEventListener("click", this.#onClick);
    document.addEventListener("submit", this.#onSubmit);
    addEventListener("popstate", this.#onBack);
    this.#dialog.addEventListener("click", this.#onClickInDialog);
    this.#unbind.push(onKey("g", () => this.#openMonths()));
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#onClick);
    document.removeEventListener("submit", this.#onSubmit);
    removeEventListener("popstate", this.#onBack);
    this.#unbind.splice(0).forEach((unbind) => unbind());
  }

  get #dialog() {
    return this.querySelector(":scope > dialog");
  }

  #onClick = (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-find], a[data-sheet]");
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    if (link.matches("[data-sheet]")) this.#open(link);
    else this.#find(link.href);
  };

  #onSubmit = (event) => {
    const form = event.target;
    if (!form.matches("form[data-find]")) return;
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(fields).toString();
    this.#find(new URL(query ? `?${query}` : form.action, form.action).href);
  };

  #onBack = () => {
    const here = location.pathname + location.search;
    // Also told of places inside the page, and of pictures laid over it.
    if (location.pathname === "/" && here !== this.#shown) this.#fetch(location.href);
  };

  #find(address) {
    const { pathname, search } = new URL(address);
    if (pathname + search !== this.#shown) history.pushState(null, "", address);
    return this.#fetch(address, { isAsked: true });
  }

  async #fetch(address, { isAsked = false } = {}) {
    this.#dialog.close();
    const { pathname, search, searchParams } = new URL(address);
    this.#shown = pathname + search;
    const old = document.getElementById("found");
    const words = old.contains(document.activeElement) && document.activeElement.textContent;
    old.setAttribute("aria-busy", "true");
    await window.htmx.ajax("GET", address, { target: old, swap: "outerHTML" }).catch(() => {});
    // Nothing came: then go there as a link does.
    if (old.isConnected) return location.assign(address);
    document.dispatchEvent(new CustomEvent("found", { detail: searchParams.get("q") ?? "" }));
    const ways = [...this.querySelectorAll(".finder a")];
    refocus(ways.find((way) => way.textContent === words), ways[0]);
    if (isAsked && this.getBoundingClientRect().top < 0) {
      document.getElementById("found").scrollIntoView({ behavior: "instant" });
    }
  }

  async #open(link) {
    const body = this.querySelector("[data-sheet-body]");
    body.replaceChildren();
    this.querySelector("#sheet-title").textContent = link.dataset.sheet;
    this.#dialog.showModal();
    await window.htmx.ajax("GET", link.href, { target: body }).catch(() => {});
    if (!body.childElementCount) return location.assign(link.href);
    if (link.matches("[data-months]")) body.querySelector("a")?.focus();
  }

  #openMonths() {
    const link = this.querySelector("[data-months]");
    if (!link) return false;
    this.#open(link);
    return true;
  }

  #onClickInDialog = ({ target }) => {
    if (target === this.#dialog || target.closest("[data-close]")) this.#dialog.close();
  };
}

customElements.define("gallery-finder", GalleryFinder);
