/* <account-menu>: closes its <details> on Escape and on a click elsewhere. */

class AccountMenu extends HTMLElement {
  connectedCallback() {
    const menu = this.querySelector("details");
    document.addEventListener("click", (event) => {
      if (!this.contains(event.target)) menu.open = false;
    });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}

customElements.define("account-menu", AccountMenu);
