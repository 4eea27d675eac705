/* “Select all 1,234 results”: offered once all that is loaded is chosen and there is more. The server
   counts when asked, and later acts by the filter, not by ids. */

export function allResults(selection, button) {
  let text = "";

  return {
    get text() {
      return text;
    },
    async offer() {
      if (!document.querySelector(".older a")) return;
      const query = new URLSearchParams({ kind: selection.kind, filter: selection.filter });
      const answer = await fetch(`${selection.getAttribute("count-url")}?${query}`);
      if (!answer.ok) return;
      button.dataset.total = (await answer.json()).text;
      button.textContent = `Select all ${button.dataset.total} results`;
      button.hidden = false;
    },
    take() {
      text = button.dataset.total;
      button.hidden = true;
    },
    reset() {
      text = "";
      button.hidden = true;
    },
  };
}
