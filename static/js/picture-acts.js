/* What can be done to pictures of a list: each takes a <picture-selection> and their ids. */

import { applyTo, tilesOf } from "./list-effects.js";
import { sayLine, sayRefused, sendForm } from "./send-form.js";
import { sortDialog } from "./sort-dialog.js";
import { offerUndo } from "./undo.js";

const ON_TILES = new Set(["copy", "remix"]);
const KEEPS_CHOSEN = new Set(["favorite", "unfavorite", "tag", "untag", "album", "hang"]);
const dialogs = new WeakMap();

/* A key does no more than the bar offers: a role that may not throw away has no button for it. */
export function runAction(selection, name, ids) {
  if (!ON_TILES.has(name) && !isOffered(selection.form, name)) return void sayRefused();
  return (ACTS[name] ?? send(name))(selection, ids);
}

function isOffered(form, name) {
  return form.querySelector(`[data-act="${name}"], [name=action][value="${name}"]`) !== null;
}

const ACTS = {
  favorite(selection, ids) {
    const isLiked = tilesOf(selection.list, ids).every((tile) => tile.dataset.favorite !== undefined);
    return send(isLiked ? "unfavorite" : "favorite")(selection, ids);
  },
  tag: (selection, ids) => void sorting(selection).open("tags", ids),
  album: (selection, ids) => void sorting(selection).open("albums", ids),
  unalbum: (selection, ids) => post(selection, "unalbum", ids, { album: selection.getAttribute("album") }),
  compare(selection, ids) {
    if (ids.length === 2) location.assign(`/compare/?a=${ids[0]}&b=${ids[1]}`);
    else sayLine("Select two pictures to compare them.");
  },
  copy: (selection, [id]) => void copyPrompt(id),
  remix(selection, [id]) {
    const [tile] = tilesOf(selection.list, [id]);
    if (tile) location.assign(`/?remix=${tile.dataset.generation}`);
  },
  zip(selection, ids) {
    if (ids.length === 1 && !selection.isEverything) location.assign(`/images/${ids[0]}/original`);
    else download(selection, ids, { action: "zip" });
  },
  zip_made(selection, ids) {
    const { format, metadata } = selection.form.elements;
    download(selection, ids, { action: "zip_made", format: format.value, metadata: metadata.value });
    document.getElementById("zip-ways").hidePopover();
  },
  move: (selection, ids) => go(selection, "move", ids),
  hang: (selection, ids) => go(selection, "hang", ids),
  share: (selection, ids) => goWith(selection, ids, "/shares/new/"),
  delete(selection, ids) {
    const dialog = document.getElementById("sure-dialog");
    const words = `${selection.countText(ids.length)} and all that is known of ${ids.length === 1 ? "it" : "them"}`;
    dialog.querySelector("[data-words]").textContent = `This removes ${words}. It can’t be undone.`;
    dialog.returnValue = "";
    // One listener, for the newest question: an earlier “Keep” may still be on its way.
    dialog.onclose = () => {
      if (dialog.returnValue === "yes") post(selection, "delete", ids, { sure: "1" });
    };
    dialog.showModal();
  },
};

/* To another gallery: there alone, or there too. */
function go(selection, action, ids) {
  document.getElementById("move-ways").hidePopover();
  post(selection, action, ids, { into: selection.form.elements.into.value });
}

function send(action) {
  return (selection, ids) => post(selection, action, ids);
}

/* Shown at once, and taken back if the server refuses. */
async function post(selection, action, ids, fields = {}) {
  const isEverything = selection.isEverything;
  const which = isEverything ? { all: "1", filter: selection.filter } : { ids: ids.join(",") };
  const revert = applyTo(selection.list, action, ids);
  if (!KEEPS_CHOSEN.has(action) && !isEverything) selection.without(ids);
  const isDone = await sendForm(selection.form.getAttribute("action"), { ...fields, ...which, action });
  if (!isDone) revert();
  else offerUndo(revert);
  return isDone;
}

function sorting(selection) {
  if (!dialogs.has(selection)) {
    const actor = {
      send: (action, ids, fields) => post(selection, action, ids, fields),
      countText: (count) => selection.countText(count),
      get isEverything() {
        return selection.isEverything;
      },
    };
    dialogs.set(selection, sortDialog(document.getElementById("sort-dialog"), actor));
  }
  return dialogs.get(selection);
}

/* The answer is a file, and the page stays. */
function download(selection, ids, way) {
  goWith(selection, ids, selection.form.getAttribute("action"), way);
}

/* A form of its own: what is chosen may be too much for an address. */
function goWith(selection, ids, action, way = {}) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action, hidden: true });
  const which = selection.isEverything ? { all: "1", filter: selection.filter } : { ids: ids.join(",") };
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ ...which, ...way, csrfmiddlewaretoken: token })) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

async function copyPrompt(id) {
  const prompt = fetch(`/images/${id}/provenance`)
    .then((answer) => answer.json())
    .then((sheet) => new Blob([sheet.request.prompt], { type: "text/plain" }));
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": prompt })]);
    sayLine("The prompt is copied.");
  } catch {
    sayLine("The prompt couldn’t be copied.");
  }
}
