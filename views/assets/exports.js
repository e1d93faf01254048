// How far exports are, asked now and then: when one of them ends the page is drawn anew. Columns of a new export move in place.
const underWay = [...document.querySelectorAll("[data-export]")];
const ask = async (place) => {
  try {
    const response = await fetch(place.dataset.export, { headers: { accept: "application/json" } });
    if (!response.ok) return;
    const { underWay: going, text, percent } = await response.json();
    if (!going) {
      clearInterval(asking);
      location.reload();
      return;
    }
    const words = place.querySelector("[data-export-text]") ?? place;
    if (words.textContent !== text) words.textContent = text;
    const bar = place.querySelector("progress");
    if (bar) bar.value = percent;
  } catch {
    // The server does not answer for a moment: asked again.
  }
};
const asking = underWay.length > 0 ? setInterval(() => underWay.forEach((place) => void ask(place)), 1500) : 0;

const list = document.querySelector("[data-columns]");
list?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li");
  const up = button.dataset.move === "-1";
  const other = up ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (up) other.before(item);
  else other.after(item);
  button.focus();
  const items = [...list.children];
  const said = document.querySelector("[data-columns-said]");
  said.textContent = list.dataset.moved
    .replace("{name}", item.querySelector("label").textContent)
    .replace("{place}", items.indexOf(item) + 1)
    .replace("{of}", items.length);
});
