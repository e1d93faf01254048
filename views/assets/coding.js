// The coding workspace made quicker: saving as one goes, passages by selecting text, ways by keyboard. The page does all of it without
// this script too, form by form.
import { savingOf } from "./coding-saving.js";
import { rangeIn, selectedPassage } from "./coding-selection.js";

const root = document.querySelector("[data-coding]");
const words = JSON.parse(root.dataset.words);
const text = root.querySelector("[data-text]");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const cards = () => [...root.querySelectorAll("[data-card]")];
const fieldsetOf = (card) => card.querySelector(".factor") ?? card;

const said = root.querySelector("[data-said]");
const say = (sentence) => {
  said.textContent = sentence;
};

// From a factor to its passage in the text, and back.
function showPassage(id) {
  for (const mark of root.querySelectorAll(".passage--current")) mark.classList.remove("passage--current");
  for (const mark of text.querySelectorAll(`[data-passage="${CSS.escape(id)}"]`)) mark.classList.add("passage--current");
  document.getElementById(`passage-${id}`)?.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
}
let current = null;
function goTo(card, { focus = true } = {}) {
  current?.removeAttribute("data-current");
  current = card;
  card.dataset.current = "";
  card.closest("details.factor-section").open = true;
  if (!focus) return;
  const fieldset = fieldsetOf(card);
  fieldset.focus({ preventScroll: true });
  fieldset.scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
}
root.addEventListener("click", (event) => {
  const quote = event.target.closest("a.quote");
  const hash = quote?.getAttribute("href");
  if (hash?.startsWith("#passage-")) {
    event.preventDefault();
    history.replaceState(history.state, "", hash);
    showPassage(hash.slice("#passage-".length));
    return;
  }
  const mark = event.target.closest("mark[data-passage]");
  if (mark && getSelection()?.isCollapsed !== false) {
    const holders = cards().filter((card) => card.querySelector(`[data-quote="${CSS.escape(mark.dataset.passage)}"]`));
    // A passage of several factors leads to each of them in turn.
    const next = holders[(holders.indexOf(current) + 1) % holders.length];
    showPassage(mark.dataset.passage);
    if (next) goTo(next);
  }
});
root.addEventListener("focusin", (event) => {
  const card = event.target.closest("[data-card]");
  if (card && card !== current) goTo(card, { focus: false });
});
function fromAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id.startsWith("passage-")) {
    const passage = id.slice("passage-".length);
    showPassage(passage);
    const holder = cards().find((card) => card.querySelector(`[data-quote="${CSS.escape(passage)}"]`));
    if (holder) {
      goTo(holder, { focus: false });
      // Within its own pane only: the page itself is on its way to the passage.
      const pane = holder.closest(".workspace__pane");
      pane.scrollTop += holder.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
    }
  }
  const card = id.startsWith("facteur-") ? document.getElementById(id)?.closest("[data-card]") : null;
  if (card) goTo(card);
}
addEventListener("hashchange", fromAddress);
fromAddress();

// Finding a factor.
const filter = root.querySelector("[data-filter]");
const next = root.querySelector("[data-next]");
const folded = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’']/g, " ").replace(/œ/gi, "oe").toLowerCase();
filter.hidden = false;
next.hidden = !("editable" in root.dataset);
filter.addEventListener("input", () => {
  const wanted = folded(filter.querySelector("input").value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const card of cards()) {
    const words = folded(card.dataset.search);
    card.hidden = !wanted.every((word) => words.includes(word));
    if (!card.hidden) found++;
  }
  for (const section of root.querySelectorAll("[data-section]"))
    section.hidden = wanted.length > 0 && !section.querySelector("[data-card]:not([hidden])");
  root.querySelector("[data-nothing]").hidden = found > 0;
});
function goToIncomplete() {
  const all = cards().filter((card) => !card.hidden);
  const from = all.indexOf(current) + 1;
  const card = [...all.slice(from), ...all.slice(0, from)].find((one) => one.dataset.missing !== "" && one !== current);
  if (card) goTo(card);
  else say(words.allDone);
}
function goBy(step) {
  const all = cards().filter((card) => !card.hidden);
  const card = all[all.indexOf(current) + step] ?? (current ? null : all[0]);
  if (card) goTo(card);
}
next.addEventListener("click", goToIncomplete);

if ("editable" in root.dataset) edit();

function edit() {
  /** The page with this card alone, as the server has it now; null when nobody is signed in any more. */
  async function fresh(form) {
    const query = new URLSearchParams({ partie: "carte", facteur: form.dataset.factor, sujet: form.dataset.subject });
    if (root.dataset.shown) query.set("document", root.dataset.shown);
    const response = await fetch(`${root.dataset.action}?${query}`, { headers: { accept: "text/html" } });
    if (response.redirected) return null;
    if (!response.ok) throw new Error(String(response.status));
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  /** Progress, what is left and what comes next, from a fresh page. */
  function takeOver(page) {
    for (const id of ["reste", "suite", "avancement"]) document.getElementById(id)?.replaceWith(page.getElementById(id));
    root.querySelector("[data-overall]").replaceWith(page.querySelector("[data-overall]"));
  }
  /** Draws a card and the text beside it again, keeping what was open and where the reader stood. */
  function redraw(form, page) {
    const id = fieldsetOf(form).id;
    const drawn = page.getElementById(id)?.closest("form");
    if (!drawn) return location.reload();
    for (const details of form.querySelectorAll("details[open]:not(.factor__attach)"))
      for (const same of drawn.querySelectorAll(`details.${details.classList[1]}`)) same.open = true;
    const top = text.parentElement.scrollTop;
    const shown = page.querySelector("[data-text]");
    text.replaceChildren(...shown.childNodes);
    text.parentElement.scrollTop = top;
    const held = form.contains(document.activeElement) || form === current;
    saving.forget(form);
    form.replaceWith(drawn);
    enhance(drawn);
    if (held) {
      current = drawn;
      drawn.dataset.current = "";
      fieldsetOf(drawn).focus({ preventScroll: true });
    }
  }
  let refreshing = 0;
  async function done(form, answer) {
    clearTimeout(refreshing);
    if (answer.replaced) {
      const page = await fresh(form).catch(() => null);
      if (!page) return location.reload();
      redraw(form, page);
      takeOver(page);
      return;
    }
    tell(form, answer.missing);
    refreshing = setTimeout(async () => {
      const page = await fresh(form).catch(() => null);
      if (page) takeOver(page);
    }, 600);
  }
  const saving = savingOf({ words, say, fresh, done });

  /** What a card still lacks, in its colour and in words. */
  function tell(form, missing) {
    const fieldset = fieldsetOf(form);
    form.dataset.missing = missing?.kind ?? "";
    fieldset.classList.remove("factor--done", "factor--missing", "factor--open");
    fieldset.classList.add(missing ? "factor--missing" : "factor--done");
    const tag = form.querySelector("[data-missing-label] .tag");
    tag.className = `tag tag--${missing ? "warning" : "success"}`;
    tag.textContent = missing?.label ?? words.done;
    if (missing?.kind === "passage-or-reason") form.querySelector(".factor__more").open = true;
  }

  // "None" and "not documented" stand alone, as the codebook has it.
  function keepAlone(form, changed) {
    if (changed.name !== "value" || changed.type === "radio") return;
    const given = changed.type === "checkbox" ? changed.checked : changed.value !== "";
    if (!given) return;
    for (const other of form.querySelectorAll('[name="value"]')) {
      if (other === changed || !("alone" in changed.dataset || "alone" in other.dataset)) continue;
      if (other.type === "checkbox") other.checked = false;
      else other.value = "";
    }
  }
  const PASSAGE_FIELDS = ["document", "block", "page", "quote"];
  root.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-card]");
    if (!form || PASSAGE_FIELDS.includes(event.target.name)) return;
    keepAlone(form, event.target);
    saving.save(form);
  });
  root.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-card]");
    if (form && (event.target.name === "note" || event.target.name === "reason")) saving.soon(form);
  });
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-card]");
    if (!form) return;
    event.preventDefault();
    const by = event.submitter;
    if (!by || "save" in by.dataset) return void saving.save(form);
    saving.act(form, by.formAction, (body) => {
      if ("attachForm" in by.dataset) return;
      for (const name of ["block", "page", "quote"]) body.delete(name);
      if (by.name) body.set(by.name, by.value);
    });
  });

  // A passage by selecting it: the selection is remembered while a factor is chosen.
  let selected = null;
  document.addEventListener("selectionchange", () => {
    const passage = selectedPassage(text);
    if (passage) selected = passage;
    else if (getSelection()?.anchorNode && text.contains(getSelection().anchorNode)) selected = null;
  });
  async function attach(form) {
    if (!form) return say(words.noFactor);
    if (!selected) return say(words.noSelection);
    const passage = selected;
    const answer = await saving.act(form, `${root.dataset.action}/passage`, (body) => {
      body.delete("block");
      body.delete("page");
      for (const [name, value] of Object.entries(passage)) body.set(name, String(value));
    });
    if (!answer) return;
    selected = null;
    getSelection()?.removeAllRanges();
    say(words.attached.replace("{factor}", form.dataset.label));
  }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-attach]");
    if (button) attach(button.closest("form"));
  });

  // Passages to read: one is shown in the text, selected there, so that it is attached as any selection is.
  let looked = null;
  function look(item) {
    looked = item;
    const [, start, end] = item.dataset.suggestion.split(":").map(Number);
    const range = rangeIn(text, start, end);
    if (!range) return;
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    // The selection goes with the next click; this mark stays until another passage is looked at.
    if (globalThis.Highlight) CSS.highlights.set("suggestion", new Highlight(range));
    range.startContainer.parentElement.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  }
  function nextSuggestion() {
    const all = cards().filter((card) => !card.hidden);
    const from = Math.max(0, all.indexOf(current));
    const items = [...all.slice(from), ...all.slice(0, from)].flatMap((card) =>
      // Those folded away are for whoever is at their card.
      [...card.querySelectorAll("[data-suggestion]")].filter((item) => card === current || item.closest("details").open),
    );
    const item = items[(items.indexOf(looked) + 1) % items.length];
    if (!item) return say(words.noSuggestion);
    item.closest("details").open = true;
    item.closest("details.factor-section").open = true;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    look(item);
  }
  function dismissLooked() {
    if (looked?.isConnected) looked.closest("form").requestSubmit(looked.querySelector("[data-dismiss]"));
    else say(words.noSuggestion);
  }
  root.addEventListener("click", (event) => {
    const see = event.target.closest("a[data-see]");
    if (!see) return;
    event.preventDefault();
    look(see.closest("[data-suggestion]"));
  });

  const hasText = text.querySelector(".document[data-document]") !== null;
  function enhance(form) {
    form.querySelector("[data-save]").hidden = true;
    form.querySelector("[data-attach]").hidden = !hasText;
  }
  for (const form of cards()) enhance(form);

  const shortcuts = root.querySelector("[data-shortcuts]");
  shortcuts.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!shortcuts.querySelector("input").checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    const run = {
      n: goToIncomplete,
      j: () => goBy(1),
      k: () => goBy(-1),
      r: () => attach(current),
      s: nextSuggestion,
      x: dismissLooked,
      "/": () => filter.querySelector("input").focus(),
    }[event.key];
    const enter = event.key === "Enter" && selected && !event.target.closest("button, a, summary, input");
    if (!run && !enter) return;
    event.preventDefault();
    if (enter) attach(current);
    else run();
  });
}
