/* Sends what a form would, and shows on the page what the server says of it. */

const SILENCE = "The server didn’t answer. Try once more; doing it twice does no harm.";
const REFUSAL = "That didn’t go through. Reload the page and try again.";

/* Whether it was done. `fields` go beside the page's token. */
export async function sendForm(address, fields) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
  let answer;
  let text;
  try {
    answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    text = await answer.text();
  } catch {
    say([paragraph(SILENCE)]);
    return false;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  if (answer.ok) {
    if (answer.headers.get("HX-Refresh")) location.reload();
    else if (answer.status !== 204) say([...(page.querySelector("#notice")?.children ?? [])]);
    document.dispatchEvent(new Event("sent"));
    return true;
  }
  say([paragraph(page.querySelector("[data-sentence]")?.textContent ?? REFUSAL)]);
  return false;
}

export function sayLine(sentence) {
  say([paragraph(sentence)]);
}

export function sayRefused() {
  sayLine("Your role in this team doesn’t allow that.");
}

function paragraph(sentence) {
  const line = document.createElement("p");
  line.textContent = sentence;
  return line;
}

function say(lines) {
  document.getElementById("notice")?.replaceChildren(...lines);
}
