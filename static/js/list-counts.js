/* What a list says of how much it holds, asked anew once pictures have left it or come: the heads of
   its days, and the line under an album's name. */

const MOST_ASKED = 4; // beyond so many days one line less is better than another wait
const TOGETHER_MS = 600; // what comes within it is asked about once
const AT_WORK = ["waiting", "held", "working", "saving"].map((state) => `.tile[data-state="${state}"]`).join();
const known = new WeakMap(); // of a day or list: what had gone and come when it was looked at last

function hasChanged(place) {
  const marks = [".tile[hidden]", '.fresh[data-state="done"]'];
  const now = marks.map((mark) => place.querySelectorAll(mark).length).join();
  const before = known.get(place) ?? "0,0";
  known.set(place, now);
  return now !== before;
}

async function ask(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function tell(day, words) {
  const said = day.querySelector(".day-head small");
  if (said) said.textContent = words;
}

/* A page that begins with the first of them says it of those below, too. */
async function countDays(days) {
  let waiting = days;
  for (let asked = 0; waiting.length && asked < MOST_ASKED; asked += 1) {
    const [{ dataset }] = waiting;
    const page = await ask(`/?after=${BigInt(dataset.newest) + 1n}`);
    if (!page) return;
    const heads = new Map([...page.querySelectorAll(".day")].map((day) => [day.dataset.day, day]));
    const said = (day) => heads.get(day.dataset.day)?.querySelector("small").textContent;
    waiting.filter((day) => said(day)).forEach((day) => tell(day, said(day)));
    waiting = waiting.slice(1).filter((day) => !said(day));
  }
  waiting.forEach((day) => tell(day, ""));
}

async function countAlbum(line) {
  const said = (await ask(location.pathname))?.querySelector("[data-recount]");
  if (said) line.textContent = said.textContent;
}

function count(place, isWanted) {
  const days = [...place.querySelectorAll(".day")].filter(isWanted).filter(hasChanged);
  const shown = days.filter((day) => day.matches("#days[data-filter=''] > :has(.tile:not([hidden]))"));
  if (shown.length) countDays(shown);
  const line = document.querySelector(".page-count [data-recount]");
  if (line && hasChanged(place)) countAlbum(line);
}

/* For the list inside `place`; returns what ends it. Taken back, tiles come right after the answer. */
export function keepCounts(place) {
  let timer = 0;
  const onSent = () => setTimeout(() => count(place, () => true));
  // Once for a run, when its last picture has come.
  const onEnd = () => {
    clearTimeout(timer);
    timer = setTimeout(() => count(place, (day) => !day.querySelector(AT_WORK)), TOGETHER_MS);
  };
  document.addEventListener("sent", onSent);
  document.addEventListener("money-moved", onEnd);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("sent", onSent);
    document.removeEventListener("money-moved", onEnd);
  };
}
