/* <prompt-composer>: the form's comforts. Ctrl/Cmd+Enter sends, the field grows with its text, what
   one typed is never lost, and the whole thing shrinks to one line when scrolled away. */

/* What our error pages say, or nothing if the page isn't one of ours. */
function sentenceOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-sentence]")?.textContent;
}

class PromptComposer extends HTMLElement {
  #sent = "";
  #chipsLeft = 0;

  get #field() {
    return this.querySelector("textarea");
  }

  connectedCallback() {
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("input", () => this.#fit());
    this.addEventListener("htmx:configRequest", this.#onAsk);
    this.addEventListener("htmx:beforeRequest", this.#onSend);
    this.addEventListener("htmx:beforeSwap", this.#onBeforeSwap);
    this.addEventListener("htmx:afterSettle", this.#onSettled);
    this.addEventListener("htmx:afterRequest", this.#onAnswer);
    document.addEventListener("use-prompt", ({ detail }) => this.#use(detail.prompt, detail.template));
    addEventListener("scroll", this.#onScroll, { passive: true });
    this.#fit();
    this.#onScroll();
  }

  /* A prompt from elsewhere, and the template it was made with. */
  #use(text, template = "") {
    const field = this.#field;
    field.value = text;
    this.querySelector("[name=template]").value = template;
    this.#fit();
    field.focus();
    field.setSelectionRange(text.length, text.length);
  }

  /* The answer may come between the two clicks of a double click; the second isn't another order. */
  #onClick = (event) => {
    if (event.detail > 1 && event.target.closest(".go")) event.preventDefault();
  };

  #onKey = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat) this.querySelector("form").requestSubmit();
  };

  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    const field = this.#field;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  #isSubmission(event) {
    return event.detail.requestConfig?.verb === "post";
  }

  /* The list of other models stays as it is while one ticks in it. */
  #onAsk = ({ detail: { headers, triggeringEvent } }) => {
    if (triggeringEvent?.target.name === "also") headers["X-Choosing"] = "1";
  };

  #onSend = (event) => {
    if (!this.#isSubmission(event)) return;
    this.#sent = this.#field.value;
    this.#say(null);
  };

  #onBeforeSwap = (event) => {
    this.#chipsLeft = this.querySelector(".chips")?.scrollLeft ?? 0;
    const typedSince = this.#field.value;
    // The form comes back as it was sent; what was typed in the meantime is newer.
    if (event.detail.xhr.status === 422 && typedSince !== this.#sent) {
      this.addEventListener("htmx:afterSettle", () => this.#use(typedSince), { once: true });
    }
  };

  #onSettled = () => {
    const chips = this.querySelector(".chips");
    if (chips) chips.scrollLeft = this.#chipsLeft;
    chips?.querySelector("[autofocus]")?.closest(".chip").scrollIntoView({ block: "nearest", inline: "center" });
    this.#fit();
  };

  #onAnswer = (event) => {
    if (!this.#isSubmission(event)) return;
    const { status, responseText } = event.detail.xhr;
    if (status === 422) this.#field.focus();
    else if (status >= 400 && status < 500) this.#say("[data-refused]", sentenceOf(responseText));
    else if (status < 200 || status >= 500) this.#say("[data-offline]");
    else this.#offerAnother();
  };

  /* The prompt stays and is selected: change a word, or type over it. */
  #offerAnother() {
    const isTouch = matchMedia("(pointer: coarse)").matches;
    if (isTouch) document.activeElement?.blur();
    else if (this.#field.value === this.#sent) {
      this.#field.focus({ preventScroll: true });
      this.#field.select();
    }
  }

  #say(which, sentence) {
    for (const line of this.querySelectorAll("[data-offline], [data-refused]")) {
      line.hidden = !which || !line.matches(which);
      if (sentence && !line.hidden) line.textContent = sentence;
    }
  }

  #onScroll = () => {
    const form = this.querySelector("form");
    const isPhone = matchMedia("(max-width: 720px)").matches;
    // On phones the form is fixed already; on wide screens its place is kept while it floats.
    const isCompact = isPhone ? scrollY > 160 : this.getBoundingClientRect().bottom < 48;
    if (isCompact === this.hasAttribute("data-compact")) return;
    this.style.height = isCompact && !isPhone ? `${form.offsetHeight}px` : "";
    this.toggleAttribute("data-compact", isCompact);
  };
}

customElements.define("prompt-composer", PromptComposer);
