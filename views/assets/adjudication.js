// The adjudication page by keyboard: from one difference to the next, and the choice by its number. Without it everything works by its form.
const root = document.querySelector("[data-adjudication]");
const shortcuts = root?.querySelector("[data-shortcuts]");

const pairs = () => [...root.querySelectorAll("[data-pair]")];
/** The pair that holds the focus, else the first one that is not above the screen. */
const current = () => document.activeElement?.closest("[data-pair]") ?? null;

/** @param {HTMLDetailsElement | undefined} pair */
function goTo(pair) {
  if (!pair) return;
  pair.open = true;
  pair.querySelector("summary").focus({ preventScroll: true });
  pair.scrollIntoView({ block: "start" });
}

/** @param {1 | -1} way */
function goBy(way) {
  const all = pairs();
  const at = all.indexOf(current());
  if (at >= 0) return goTo(all[at + way]);
  const below = all.findIndex((pair) => pair.getBoundingClientRect().bottom > 0);
  goTo(way === 1 ? all[Math.max(0, below)] : all.findLast((pair) => pair.getBoundingClientRect().top < 0));
}

function goToUndecided() {
  const all = pairs();
  const at = all.indexOf(current());
  goTo([...all.slice(at + 1), ...all.slice(0, Math.max(0, at))].find((pair) => "undecided" in pair.dataset));
}

/** @param {"first" | "second" | "other" | "unknown"} choice */
function choose(choice) {
  const pair = current();
  const radio = pair?.querySelector(`input[name="choice"][value="${choice}"]`);
  if (!radio) return;
  for (let at = radio.closest("details"); at && at !== pair; at = at.parentElement?.closest("details")) at.open = true;
  radio.checked = true;
  const next =
    choice === "other" ? pair.querySelector(".comparison__other :is(input, select)") : pair.querySelector("textarea[name=reason]");
  next?.focus();
}

if (shortcuts) {
  shortcuts.hidden = false;
  const runs = {
    j: () => goBy(1),
    k: () => goBy(-1),
    n: goToUndecided,
    1: () => choose("first"),
    2: () => choose("second"),
    3: () => choose("other"),
    4: () => choose("unknown"),
  };
  document.addEventListener("keydown", (event) => {
    if (!shortcuts.querySelector("input").checked || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const run = runs[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}

// The address of a pair opens it: after a decision the page comes back at the next one.
function openAddressed() {
  const pair = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (pair?.matches("[data-pair]")) goTo(pair);
}
if (root) {
  addEventListener("hashchange", openAddressed);
  if (!root.querySelector("[data-focus]")) openAddressed();
}
