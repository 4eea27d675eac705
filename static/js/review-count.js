/* “12 waiting”, said anew after each verdict; what is only said roughly stays as it is. */

export function countLeft(change) {
  const said = document.querySelector("[data-left]");
  const [number] = said.textContent.split(" ");
  if (/^\d+$/.test(number)) said.textContent = `${Math.max(0, Number(number) + change)} waiting`;
}
