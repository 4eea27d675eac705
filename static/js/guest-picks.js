/* <guest-picks>: a guest's hearts behind a share link, sent beside the page; without scripts each is a form. */

class GuestPicks extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this.#onSubmit);
  }

  /* One press at a time for each heart; the page says so at once, and again if it didn't go through. */
  #onSubmit = async (event) => {
    const form = event.target.closest("[data-pick]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const isOn = form.elements.on.value === "1";
    this.#show(form, isOn);
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "HX-Request": "true" } });
      if (!answer.ok) return location.reload();
      const text = await answer.text();
      document.querySelectorAll("[data-picked]").forEach((each) => (each.textContent = text));
      form.elements.on.value = isOn ? "0" : "1";
    } catch {
      this.#show(form, !isOn);
    } finally {
      delete form.dataset.busy;
    }
  };

  #show(form, isOn) {
    form.querySelector("button").setAttribute("aria-pressed", String(isOn));
  }
}

customElements.define("guest-picks", GuestPicks);
