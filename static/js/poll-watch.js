/* <poll-watch token delay url>: the page's one poll.

   Whatever brings tiles brings a watch over them: the page, an older page, a submission. All watches
   of a page share this poll: it asks with every token that waits and gets one back for all of them.
   The answer swaps changed tiles out of band and puts the new watch in the asker's place. The server
   sets the pace; a hidden tab rests and asks at once when it comes back. */

const LONGEST_SECONDS = 10;
const MOST_TOKENS = 4; // in one address; the rest take the next turn

const tokens = new Set();
let asker = null;
let asked = [];
let request = null;
let timer = 0;
let failures = 0;

function askIn(seconds) {
  clearTimeout(timer);
  if (tokens.size && asker && !document.hidden) timer = setTimeout(ask, seconds * 1000);
}

function ask() {
  if (!window.htmx) return askIn(0.2);
  if (request) return;
  asked = [...tokens].slice(0, MOST_TOKENS);
  const query = asked.map((token) => `token=${encodeURIComponent(token)}`).join("&");
  const address = `${asker.getAttribute("url")}?${query}`;
  // A failed request rejects without a word; heard() has seen it.
  window.htmx.ajax("GET", address, { source: asker, target: asker, swap: "outerHTML" }).catch(() => {});
}

function wake() {
  if (document.hidden) clearTimeout(timer);
  else askIn(0);
}

function sent(event) {
  request = event.detail.xhr;
}

/* Before the answer's own watch connects: what was asked with is used up by an answer with content. */
function landed(event) {
  request = null;
  const { xhr } = event.detail;
  if (xhr.status === 200 || xhr.getResponseHeader("X-Poll-Stop") === "1") {
    asked.forEach((token) => tokens.delete(token));
  }
}

function heard(event) {
  request = null;
  const { xhr } = event.detail;
  if (xhr.status >= 200 && xhr.status < 300) {
    failures = 0;
    askIn(Number(xhr.getResponseHeader("X-Poll-Seconds")) || 2);
  } else {
    // Away, restarting or refusing: ever more slowly, but it goes on by itself.
    failures += 1;
    askIn(Math.min(LONGEST_SECONDS, 0.5 * 2 ** failures));
  }
}

document.addEventListener("visibilitychange", wake);
window.addEventListener("online", wake);

class PollWatch extends HTMLElement {
  connectedCallback() {
    const token = this.getAttribute("token");
    if (!token) return;
    tokens.add(token);
    if (!asker?.isConnected) this.#lead();
    askIn(Number(this.getAttribute("delay")) || 1);
  }

  disconnectedCallback() {
    if (asker !== this) return;
    asker = null;
    document.querySelector("poll-watch[token]")?.#lead();
  }

  #lead() {
    asker = this;
    this.addEventListener("htmx:beforeSend", sent);
    this.addEventListener("htmx:beforeOnLoad", landed);
    this.addEventListener("htmx:afterRequest", heard);
  }
}

customElements.define("poll-watch", PollWatch);
