/* Single keys for the whole page, bound by whoever offers something.

   A key is named as it is written: "f", "Shift+D", "Ctrl+A" (Ctrl or Cmd), "Alt+ArrowUp", "Delete".
   Keys are silent while one types, and a held key acts once unless `repeats`. While a dialog is open
   only what was bound with that dialog as `layer` runs, and nothing over an open popover. Of several the newest runs first; one that
   answers false leaves the key to the next. Returns what unbinds. */

const bound = [];

export function onKey(name, run, { layer = null, repeats = false, whileTyping = false } = {}) {
  const binding = { name, run, layer, repeats, whileTyping };
  bound.unshift(binding);
  return () => bound.splice(bound.indexOf(binding), 1);
}

/* A field of a dialog that has just closed keeps the focus for a moment longer. */
export function isTyping(target) {
  if (!target.checkVisibility?.()) return false;
  return target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select")
    || target.isContentEditable === true;
}

function nameOf({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const isCommand = ctrlKey || metaKey;
  const parts = [];
  if (isCommand) parts.push("Ctrl");
  if (altKey) parts.push("Alt");
  // What Shift makes of a sign, “?”, is the sign itself.
  if (shiftKey && (isLetter || key.length > 1)) parts.push("Shift");
  parts.push(isLetter ? (isCommand || shiftKey ? key.toUpperCase() : key.toLowerCase()) : key);
  return parts.join("+");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const layer = [...document.querySelectorAll("dialog[open], :is(:popover-open)")].at(-1) ?? null;
  const typing = isTyping(event.target);
  for (const binding of [...bound]) {
    if (binding.name !== name || binding.layer !== layer) continue;
    if ((typing && !binding.whileTyping) || (event.repeat && !binding.repeats)) continue;
    if (binding.run(event) === false) continue;
    event.preventDefault();
    return;
  }
});
