/* A finger that rests on a tile: what `run` gets, once. The click and the menu that follow are none. */

const REST_MS = 450;
const SLIP_PX = 10;

export function onLongPress(list, run) {
  let timer = 0;
  let start = null;
  let isOurs = false;

  const end = () => clearTimeout(timer);

  list.addEventListener("pointerdown", (event) => {
    end();
    isOurs = false;
    const tile = event.target.closest(".tile");
    if (event.pointerType !== "touch" || !tile) return;
    start = event;
    timer = setTimeout(() => {
      isOurs = true;
      navigator.vibrate?.(10);
      run(tile);
    }, REST_MS);
  });
  list.addEventListener("pointermove", (event) => {
    if (!start || Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > SLIP_PX) end();
  });
  list.addEventListener("pointerup", end);
  list.addEventListener("pointercancel", end);
  list.addEventListener("contextmenu", (event) => {
    if (isOurs || (start?.pointerType === "touch" && event.pointerType === "touch")) event.preventDefault();
  });
  list.addEventListener(
    "click",
    (event) => {
      if (!isOurs) return;
      isOurs = false;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}
