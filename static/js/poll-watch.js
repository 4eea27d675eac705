/* <poll-watch token delay url>: the page's one poll.

   Whatever brings tiles brings a watch over them: the page, an older page, a submission. All watches
   of a page share this poll: it asks with every token that waits and gets one back for all of them.
   The answer swaps changed tiles out of band and puts the new watch in the asker's place. The server
   sets the pace; a hidden tab asks rarely, so that its title can tell what came, and at once when it
   comes back. */

const LONGEST_SECONDS = 10;
const HIDDEN_SECONDS = 20;
const MOST_TOKENS = 4; // in one address; the rest take the next turn

const tokens = new Set();
let asker = null;
let asked = [];
let request = null;
let timer = 0;
let failures = 0;

function askIn(seconds) {
  clearTimeout(timer);
  const pause = document.hidden ? Math.max(seconds, HIDDEN_SECONDS) : seconds;
  if (tokens.size && asker) timer = setTimeout(ask, pause * 1000);
}

function ask() {
  timer = 0;
  if (!window.htmx) return askIn(0.2);
  if (request) return;
  const own = asker.getAttribute("token"); // always among them: the answer takes its asker's place
  const others = [...tokens].filter((token) => token !== own);
  asked = (tokens.has(own) ? [own, ...others] : others).slice(0, MOST_TOKENS);
  const query = asked.map((token) => `token=${encodeURIComponent(token)}`).join("&");
  const address = `${asker.getAttribute("url")}?${query}`;
  // A failed request rejects without a word; heard() has seen it.
  window.htmx.ajax("GET", address, { source: asker, target: asker, swap: "outerHTML" }).catch(() => {});
}

function sent(event) {
  request = event.detail.xhr;
}

/* Before the answer's own watch connects: what was asked with is used up by an answer with content. */
function landed(event) {
  if (event.currentTarget !== asker) return event.preventDefault();
  request = null;
  const { xhr } = event.detail;
  if (xhr.status === 200) failures = 0;
  if (xhr.status === 200 || xhr.getResponseHeader("X-Poll-Stop") === "1") {
    asked.forEach((token) => tokens.delete(token));
  }
}

function heard(event) {
  if (event.currentTarget !== asker) return;
  request = null;
  const { xhr } = event.detail;
  if (xhr.status >= 200 && xhr.status < 300) {
    failures = 0;
    asked.forEach((token) => tokens.delete(token) && tokens.add(token)); // now those that waited
    askIn(Number(xhr.getResponseHeader("X-Poll-Seconds")) || 2);
  } else {
    // Away, restarting or refusing: ever more slowly, but it goes on by itself.
    failures += 1;
    askIn(Math.min(LONGEST_SECONDS, 0.5 * 2 ** failures));
  }
}

document.addEventListener("visibilitychange", () => askIn(0));
window.addEventListener("online", () => askIn(0));

class PollWatch extends HTMLElement {
  connectedCallback() {
    const token = this.getAttribute("token");
    if (!token) return;
    tokens.add(token);
    if (!asker?.isConnected) this.#lead();
    askIn(Number(this.getAttribute("delay")) || 1);
  }

  disconnectedCallback() {
    tokens.delete(this.getAttribute("token")); // its tiles have gone with it, or its answer is here
    if (asker !== this) return;
    asker = null;
    request = null; // what still comes of it is for tiles that are no longer here
    document.querySelector("poll-watch[token]")?.#lead();
    if (!timer) askIn(0.5); // an answer that ends its own tiles leaves those it wasn't asked about
  }

  #lead() {
    asker = this;
    this.addEventListener("htmx:beforeSend", sent);
    this.addEventListener("htmx:beforeOnLoad", landed);
    this.addEventListener("htmx:afterRequest", heard);
  }
}

customElements.define("poll-watch", PollWatch);
