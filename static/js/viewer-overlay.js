/* <viewer-overlay>: a tile's picture opens over its list. The address is the picture's own, so a reload
   and a link lead to its page; Back and Escape lead to the list, as it was, and to the tile. What it
   needs is fetched when somebody comes near a picture. */

import { fetchPicture } from "./pictures.js";

const MINE = { viewer: true };

class ViewerOverlay extends HTMLElement {
  #title = "";
  #opener = null;
  #ready = null;

  connectedCallback() {
    document.addEventListener("pointerover", this.#onNear, { passive: true });
    document.addEventListener("focusin", this.#onNear);
    document.addEventListener("click", this.#onClick);
    addEventListener("popstate", this.#onPop);
    const dialog = this.#dialog;
    dialog.addEventListener("close", this.#onClosed);
    dialog.addEventListener("click", this.#onInside);
    dialog.addEventListener("swipe", ({ detail }) => {
      if (detail === "down" && dialog.scrollTop <= 0) dialog.close();
    });
  }

  disconnectedCallback() {
    document.removeEventListener("pointerover", this.#onNear);
    document.removeEventListener("focusin", this.#onNear);
    document.removeEventListener("click", this.#onClick);
    removeEventListener("popstate", this.#onPop);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  #onNear = ({ target }) => {
    if (!this.#ready && target.closest?.(".tile > a")) this.#bring();
  };

  #bring() {
    const { style, scripts } = this.dataset;
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
    const styled = new Promise((done, fail) => Object.assign(sheet, { onload: done, onerror: fail }));
    document.head.append(sheet);
    this.#ready = Promise.all([styled, ...scripts.split(" ").map((address) => import(address))]);
    this.#ready.catch(() => (this.#ready = null));
    return this.#ready;
  }

  #onClick = (event) => {
    if (event.defaultPrevented || event.button) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest(".tile > a");
    if (!link?.querySelector("[data-image]")) return;
    event.preventDefault();
    const filter = link.closest("[data-filter]")?.dataset.filter;
    const address = filter ? `${link.pathname}?${filter}` : link.pathname;
    this.#follow(address, link);
  };

  async #follow(address, link) {
    await (this.#ready ?? this.#bring()).catch(() => location.assign(address));
    if (this.#dialog.open) return;
    history.scrollRestoration = "manual"; // the list stays where it is by itself
    history.pushState(MINE, "", address);
    this.#open(address, link);
  }

  async #open(address, link) {
    const dialog = this.#dialog;
    this.#opener = link;
    this.#title = document.title;
    dialog.replaceChildren(link ? this.#sketch(link) : "");
    this.#takeNotice(dialog);
    this.#keepRoom(innerWidth - document.documentElement.clientWidth);
    dialog.showModal();
    const viewer = await fetchPicture(address).catch(() => null);
    if (!viewer) return location.replace(address);
    if (!dialog.open || location.pathname + location.search !== address) return;
    this.#keepSeen(viewer, dialog.querySelector("[data-image]"));
    dialog.querySelector(".viewer")?.remove();
    dialog.prepend(viewer);
    window.htmx?.process(viewer);
    viewer.querySelector(".stage").focus({ preventScroll: true });
  }

  /* At once, what the tile shows: in the room that the picture will have. */
  #sketch(link) {
    const seen = link.querySelector("[data-image]").cloneNode();
    seen.removeAttribute("loading");
    seen.sizes = `${link.offsetWidth}px`;
    const ratio = [...link.closest(".tile").classList].find((name) => name.startsWith("ar-"));
    const boxes = [["frame", ratio], ["zoom"], ["stage"], ["viewer"]];
    return boxes.reduce((inner, [name, more]) => {
      const box = document.createElement(name === "zoom" ? "picture-zoom" : "div");
      if (name !== "zoom") box.className = more ? `${name} ${more}` : name;
      box.append(inner);
      return box;
    }, seen);
  }

  /* The small picture lies under the large one until that has come. */
  #keepSeen(viewer, seen) {
    const blur = viewer.querySelector(".blur");
    if (!blur || !seen?.currentSrc) return;
    blur.src = seen.currentSrc;
    blur.classList.add("seen");
  }

  #onInside = (event) => {
    if (!event.target.closest(".stage-close") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#dialog.close();
  };

  #onPop = ({ state }) => {
    if (this.#dialog.open) {
      if (!state?.viewer) this.#dialog.close();
    } else if (state?.viewer) this.#open(location.pathname + location.search, null);
  };

  #onClosed = () => {
    const { id } = this.querySelector("picture-viewer")?.dataset ?? {};
    this.#dialog.querySelector(".viewer")?.remove();
    this.#takeNotice(document.body);
    this.#keepRoom(0);
    document.title = this.#title;
    if (history.state?.viewer) history.back();
    const shown = id && document.querySelector(`.tile:not([hidden]) [data-image="${CSS.escape(id)}"]`);
    const goal = shown?.closest("a") ?? this.#opener;
    goal?.focus({ preventScroll: true });
    goal?.closest(".tile")?.scrollIntoView({ block: "nearest", behavior: "instant" });
  };

  #keepRoom(pixels) {
    document.body.style.paddingInlineEnd = pixels ? `${pixels}px` : "";
  }

  /* What is said about something done, and its Undo, can be read and pressed over the list, too. */
  #takeNotice(place) {
    const notice = document.querySelector("page-notice");
    if (notice && notice.parentElement !== place) place.append(notice);
  }
}

customElements.define("viewer-overlay", ViewerOverlay);
