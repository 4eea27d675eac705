/* Verdicts on their way to the server, one after the other in the order they were given. */

import { sayLine } from "./send-form.js";

const SILENCE = "The server didn’t answer. The picture is back: decide once more, it does no harm.";
const REFUSAL = "That didn’t go through. Reload the page and try again.";

let last = Promise.resolve();

/* What the server said: {ok, isFinal, text, headers}. `isFinal`: sending it again would change nothing. */
export function sendInTurn(address, fields) {
  const answer = last.then(() => send(address, fields));
  last = answer.catch(() => {});
  return answer;
}

export function allSent() {
  return last;
}

async function send(address, fields) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    const text = await answer.text();
    if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") ?? location.href);
    else if (!answer.ok) sayLine(sentenceOf(text) ?? REFUSAL);
    const isFinal = [403, 404, 409].includes(answer.status);
    return { ok: answer.ok, isFinal, text, headers: answer.headers };
  } catch {
    sayLine(SILENCE);
    return { ok: false, isFinal: false, text: "", headers: new Headers() };
  }
}

function sentenceOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-sentence]")?.textContent;
}
