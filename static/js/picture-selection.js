/* <picture-selection for kind album count-url>: choosing pictures in the list named by `for`, and the
   bar for them. The corner box chooses, Shift from the last one, Ctrl/Cmd one more; on touch a long press. */

import { allResults } from "./all-results.js";
import { choosing } from "./chosen-tiles.js";
import { refocusOn } from "./list-effects.js";
import { onLongPress } from "./long-press.js";
import { runAction } from "./picture-acts.js";
import { bindKeys } from "./selection-keys.js";
import { imageOf, tileAt } from "./tile-controls.js";

class PictureSelection extends HTMLElement {
  #chosen = null;
  #unbind = null;
  #results = null;
  #news = new MutationObserver(() => this.#chosen.refresh());

  connectedCallback() {
    this.list = document.getElementById(this.getAttribute("for"));
    this.kind = this.getAttribute("kind");
    this.form = this.querySelector("form");
    this.#chosen = choosing(this.list, this.#show);
    this.#results = allResults(this, this.querySelector("[data-everything]"));
    onLongPress(this.list, (tile) => this.#begin(tile));
    this.list.addEventListener("click", this.#onClick, true);
    this.addEventListener("click", this.#onBarClick);
    this.form.addEventListener("submit", this.#onSubmit);
    document.addEventListener("click", this.#onLink);
    this.#news.observe(this.list, { childList: true, subtree: true });
    this.#unbind = bindKeys(this);
    if (this.hasAttribute("data-open")) this.#begin();
  }

  disconnectedCallback() {
    this.#unbind?.();
    this.#news.disconnect();
    document.removeEventListener("click", this.#onLink);
  }

  get isEverything() {
    return this.#results.text !== "";
  }

  get filter() {
    return this.list.dataset.filter ?? "";
  }

  countText(count) {
    const number = this.isEverything ? `all ${this.#results.text}` : count.toLocaleString("en");
    return count === 1 ? "1 picture" : `${number} pictures`;
  }

  /* The chosen pictures, else the one that has the focus or lies under the pointer. */
  targets() {
    if (this.#chosen.ids.size) return [...this.#chosen.ids];
    return [imageOf(tileAt(this.list))].filter(Boolean);
  }

  toggleHere({ isRange = false } = {}) {
    const tile = tileAt(this.list);
    return tile && imageOf(tile) ? this.#choose(tile, isRange) : false;
  }

  #choose(tile, isRange) {
    this.#chosen[isRange ? "range" : "toggle"](tile);
  }

  chooseAll() {
    this.#chosen.all();
    this.#results.offer();
  }

  /* False when there was nothing to leave. */
  leave() {
    if (!this.hasAttribute("data-open")) return false;
    const ids = [...this.#chosen.ids];
    delete this.list.dataset.selecting;
    this.#chosen.clear();
    refocusOn(this.list, ids);
  }

  /* These are gone from the list; with the last of them choosing is over. */
  without(ids) {
    this.#chosen.without(ids);
    if (!this.#chosen.ids.size) this.leave();
  }

  act(name, ids = this.targets()) {
    return ids.length > 0 && runAction(this, name, ids);
  }

  #begin(tile) {
    this.list.dataset.selecting = "";
    if (tile && imageOf(tile)) this.#chosen.toggle(tile);
    this.#show();
    this.#chosen.refresh();
  }

  #onClick = (event) => {
    const tile = event.target.closest('.tile[data-state="done"]');
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (!tile || !imageOf(tile)) return;
    if (act) return this.act(act, [imageOf(tile)]);
    const isBox = event.target.matches(".tick input");
    const isLink = event.target.closest("a") && !event.target.closest(".over");
    const isChoosing = "selecting" in this.list.dataset || event.shiftKey || event.ctrlKey || event.metaKey;
    if (!isBox && !(isLink && isChoosing)) return;
    if (!isBox) event.preventDefault();
    event.stopImmediatePropagation();
    this.#choose(tile, event.shiftKey);
  };

  #onBarClick = ({ target }) => {
    if (target.closest("[data-clear]")) this.leave();
    const button = target.closest("[data-act]");
    if (button) this.act(button.dataset.act);
    if (!target.closest("[data-everything]")) return;
    this.#results.take();
    this.#say();
  };

  #onSubmit = (event) => {
    event.preventDefault();
    this.act(event.submitter?.value, [...this.#chosen.ids]);
  };

  #onLink = (event) => {
    if (!event.target.closest("[data-select]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#begin();
  };

  #show = () => {
    this.#results.reset();
    const count = this.#chosen.ids.size;
    this.toggleAttribute("data-open", count > 0 || "selecting" in this.list.dataset);
    this.querySelector("[data-act=compare]")?.toggleAttribute("hidden", count !== 2);
    this.querySelectorAll(".bar-button").forEach((button) => (button.disabled = count === 0));
    this.#say();
  };

  #say() {
    const count = this.#chosen.ids.size;
    const words = this.isEverything ? `All ${this.#results.text} results selected` : `${count.toLocaleString("en")} selected`;
    this.querySelector("[data-count]").textContent = count ? words : "Choose pictures";
  }
}

customElements.define("picture-selection", PictureSelection);
