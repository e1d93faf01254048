// The coding workspace made quicker: saving as one goes, passages by selecting text, ways by keyboard. The page does all of it without
// this script too, form by form.
import { pagesOf } from "./coding-pages.js";
import { folded, pickerOf } from "./coding-picker.js";
import { savingOf } from "./coding-saving.js";
import { rangeIn, selectedPassage } from "./coding-selection.js";

const root = document.querySelector("[data-coding]");
const words = JSON.parse(root.dataset.words);
const text = root.querySelector("[data-text]");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const cards = () => [...root.querySelectorAll("[data-card]")];
const fieldsetOf = (card) => card.querySelector(".factor") ?? card;
const titleOf = (card) => card.querySelector(".factor__title").textContent;

const said = root.querySelector("[data-said]");
const say = (sentence) => {
  said.textContent = sentence;
};

/** The page at an address with one card and the paragraphs asked for alone; null when nobody is signed in any more. */
async function partial(href, card = "-", blocks = []) {
  const address = new URL(href, location.href);
  address.searchParams.set("carte", card);
  address.searchParams.set("blocs", blocks.join(","));
  const response = await fetch(`${address.pathname}${address.search}`, { headers: { accept: "text/html" } });
  if (response.redirected) return null;
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// From a factor to its passage in the text, and back.
const pages = pagesOf({ root, text, partial });
const marksOf = (id) => [...text.querySelectorAll(`[data-passage="${CSS.escape(id)}"]`)];
function showPassage(id) {
  for (const mark of root.querySelectorAll(".passage--current")) mark.classList.remove("passage--current");
  for (const mark of marksOf(id)) mark.classList.add("passage--current");
  const first = document.getElementById(`passage-${id}`);
  first?.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  pages.follow(first);
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
  const quote = event.target.closest("a.quote")?.closest("[data-quote]")?.dataset.quote;
  if (quote && document.getElementById(`passage-${quote}`)) {
    event.preventDefault();
    history.replaceState(history.state, "", `#passage-${quote}`);
    showPassage(quote);
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
const definitionOf = (card) => card.querySelector(".factor__definition p").textContent;
filter.hidden = false;
next.hidden = !("editable" in root.dataset);
filter.addEventListener("input", () => {
  const wanted = folded(filter.querySelector("input").value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const card of cards()) {
    const words = folded(`${titleOf(card)} ${card.dataset.search}`);
    card.hidden = !wanted.every((word) => words.includes(word));
    if (!card.hidden) found++;
  }
  for (const section of root.querySelectorAll("[data-section]"))
    section.hidden = wanted.length > 0 && !section.querySelector("[data-card]:not([hidden])");
  root.querySelector("[data-nothing]").hidden = found > 0;
});
/** The next card that lacks something, or the one before with a step of -1. */
function goToIncomplete(step = 1) {
  const all = cards().filter((card) => !card.hidden);
  const from = all.indexOf(current);
  const after =
    step > 0
      ? [...all.slice(from + 1), ...all.slice(0, from + 1)]
      : [...all.slice(0, Math.max(from, 0)).toReversed(), ...all.slice(from).toReversed()];
  const card = after.find((one) => one.dataset.missing !== "" && one !== current);
  if (card) goTo(card);
  else say(words.allDone);
}
function goBy(step) {
  const all = cards().filter((card) => !card.hidden);
  const card = all[all.indexOf(current) + step] ?? (current ? null : all[0]);
  if (card) goTo(card);
}
next.addEventListener("click", () => goToIncomplete());

if ("editable" in root.dataset) edit();

function edit() {
  /** A card as the server has it now, whole, with the paragraphs that hold its passages or held them. */
  const fresh = (form) => {
    const held = [...form.querySelectorAll("[data-quote]")].flatMap(({ dataset }) => marksOf(dataset.quote));
    const blocks = new Set(held.map((mark) => mark.closest("[data-block]")?.id.replace(/^d(\d+)-p(\d+)$/, "$1:$2")).filter(Boolean));
    return partial(`${root.dataset.action}${root.dataset.query}`, fieldsetOf(form).id, [...blocks]);
  };

  /** Progress, what is left, what comes next, what can be undone, from a fresh page. */
  function takeOver(page) {
    for (const id of ["reste", "suite", "avancement"]) document.getElementById(id)?.replaceWith(page.getElementById(id));
    for (const one of ["[data-overall]", "[data-turns]"]) root.querySelector(one).replaceWith(page.querySelector(one));
    const recent = page.getElementById("recents");
    if (recent) (document.getElementById("recents") ?? root.querySelector("[data-recent-place]"))?.replaceWith(recent);
    for (const section of page.querySelectorAll("[data-section]")) {
      const here = document.getElementById(section.id);
      here?.querySelector("summary .muted").replaceWith(section.querySelector("summary .muted"));
      const rest = section.querySelector(":scope > .factor__rest");
      const before = here?.querySelector(":scope > .factor__rest");
      if (rest && before) before.replaceWith(rest);
      else before?.remove();
    }
  }
  /** Draws a card and the paragraphs of its passages again, keeping what was open and where the reader stood. */
  function redraw(form, page) {
    const id = fieldsetOf(form).id;
    const drawn = page.getElementById(id)?.closest("form");
    if (!drawn) return location.reload();
    for (const details of form.querySelectorAll("details[open]:not(.factor__attach)"))
      for (const same of drawn.querySelectorAll(`details.${details.classList[1]}`)) same.open = true;
    for (const block of page.querySelectorAll("[data-text] [data-block]")) document.getElementById(block.id)?.replaceWith(block);
    for (const list of page.querySelectorAll("[data-text] .document__pages"))
      text.querySelector(`[data-document="${list.closest("[data-document]").dataset.document}"] .document__pages`)?.replaceWith(list);
    const focused = form.contains(document.activeElement) ? document.activeElement : null;
    const held = focused !== null || form === current;
    saving.forget(form);
    form.replaceWith(drawn);
    enhance(drawn);
    if (held) {
      current = drawn;
      drawn.dataset.current = "";
    }
    if (focused) ((focused.id && document.getElementById(focused.id)) || fieldsetOf(drawn)).focus({ preventScroll: true });
    return drawn;
  }
  /** Opens a card whole, one of its details unfolded, and gives it as it then is. */
  async function open(form, unfold = ".factor__more, .factor__attach") {
    const page = "whole" in form.dataset ? null : await fresh(form).catch(() => undefined);
    if (page === undefined) return void say(words.offline);
    const whole = page ? redraw(form, page) : form;
    if (!whole) return undefined;
    const parts = [...whole.querySelectorAll(unfold)];
    for (const part of parts) part.open = true;
    parts[0]?.querySelector("summary").focus();
    return whole;
  }
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest("form"));
  });

  let refreshing = 0;
  async function done(form, answer) {
    clearTimeout(refreshing);
    if (answer.act) lastAct(form, answer.act);
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
    if (missing?.kind !== "passage-or-reason") return;
    const more = form.querySelector(".factor__more");
    if (more) more.open = true;
    else if (!form.elements.reason) form.querySelector(".factor__acts").before(reasonField());
  }
  function reasonField() {
    const label = document.createElement("label");
    label.className = "field factor__reason";
    const name = document.createElement("span");
    name.className = "field__label";
    name.textContent = words.reason;
    const input = document.createElement("input");
    input.className = "input";
    input.name = "reason";
    label.append(name, input);
    return label;
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
    const turned = event.target.closest("form[data-turn]");
    if (turned) {
      event.preventDefault();
      return void turn(turned);
    }
    const form = event.target.closest("form[data-card]");
    // A button may belong to another form than the one it stands in.
    if (!form || event.submitter?.form !== form) return;
    event.preventDefault();
    const by = event.submitter;
    if ("save" in by.dataset) return void saving.save(form);
    saving.act(form, by.formAction, (body) => {
      if ("attachForm" in by.dataset) return;
      for (const name of ["block", "page", "quote"]) body.delete(name);
      if (by.name) body.set(by.name, by.value);
    });
  });

  // Undo and redo, of this page's acts and of earlier ones.
  const turnForm = (direction) => root.querySelector(`form[data-turn="${direction}"]`);
  /** What was just coded is what is undone next, even before the server has put it in its own words. */
  function lastAct(form, act) {
    const undo = turnForm("undo");
    undo.elements.act.value = String(act);
    undo.querySelector("button").disabled = false;
    undo.querySelector("button").textContent = words.undo.replace("{factor}", titleOf(form));
    turnForm("redo").querySelector("button").disabled = true;
  }
  async function turn(form) {
    const unsaved = await saving.settled();
    if (unsaved) {
      goTo(unsaved);
      return say(words.failedFirst);
    }
    if (form.querySelector("button").disabled) return say(form.querySelector("button").textContent);
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body }).catch(() => null);
    const answer = await response?.json().catch(() => null);
    if (!response) return say(words.offline);
    if (!response.ok) {
      say([answer?.title, ...(answer?.details ?? [])].filter(Boolean).join(" ") || words.failed);
      if (current) takeOver(await fresh(current));
      return;
    }
    const card = document.getElementById(answer.anchor)?.closest("form[data-card]");
    if (!card) {
      history.replaceState(history.state, "", `#${answer.anchor}`);
      return location.reload();
    }
    const page = await fresh(card).catch(() => null);
    if (!page) return location.reload();
    const drawn = redraw(card, page);
    takeOver(page);
    if (drawn) goTo(drawn);
    say(answer.told);
  }

  // A passage by selecting it: the selection is remembered while a factor is chosen.
  let selected = null;
  function readSelection() {
    const passage = selectedPassage(text);
    if (passage) selected = passage;
    else if (getSelection()?.anchorNode && text.contains(getSelection().anchorNode)) selected = null;
  }
  document.addEventListener("selectionchange", readSelection);
  async function attach(form) {
    if (!form) return say(words.noFactor);
    if (!selected) return say(words.noSelection);
    const passage = selected;
    const answered = new FormData(form).getAll("value").some((value) => value !== "");
    if (!answered && !form.querySelector(".choices--segmented")) {
      goTo(form);
      return say(words.valueFirst.replace("{factor}", titleOf(form)));
    }
    const answer = await saving.act(form, `${root.dataset.action}/passage`, (body) => {
      body.delete("block");
      body.delete("page");
      for (const [name, value] of Object.entries(passage)) body.set(name, String(value));
    });
    if (!answer) return;
    selected = null;
    getSelection()?.removeAllRanges();
    say(words.attached.replace("{factor}", titleOf(form)));
  }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-attach]");
    if (button) attach(button.closest("form"));
  });

  // The selection, then its factor: by name, or by the number of one coded recently.
  const recent = () => [...root.querySelectorAll("a[data-recent]")];
  const picker = pickerOf({
    dialog: root.querySelector("[data-picker]"),
    words,
    entries() {
      const keys = new Map(recent().map(({ dataset }, at) => [dataset.recent, at + 1]));
      return cards().map((card) => {
        const answer = card.querySelector('[name="value"]:checked, input[type=hidden][name="value"]');
        const open = card.dataset.missing === "value" && selected && card.querySelector(".choices--segmented");
        return {
          card,
          title: titleOf(card),
          search: card.dataset.search,
          definition: definitionOf(card),
          state: answer?.labels?.[0]?.textContent ?? card.querySelector("[data-missing-label]").textContent,
          recent: keys.get(fieldsetOf(card).id),
          // A passage may say that something was there, or that it was not.
          answers: open
            ? ["present", "absent"].flatMap((value) => {
                const choice = card.querySelector(`[name="value"][value="${value}"]`);
                return choice ? [{ value, label: choice.labels[0].textContent }] : [];
              })
            : [],
        };
      });
    },
    choose({ card }, answer) {
      const form = document.getElementById(fieldsetOf(card).id).form;
      if (!selected) return goTo(form);
      if (answer) form.querySelector(`[name="value"][value="${answer.value}"]`).checked = true;
      goTo(form, { focus: false });
      attach(form);
    },
  });
  function useRecent(at) {
    const link = recent()[at];
    const form = link && document.getElementById(link.dataset.recent)?.form;
    if (!form) return;
    if (selected) {
      goTo(form, { focus: false });
      attach(form);
    } else goTo(form);
  }

  // Passages to read: one is shown in the text, selected there, so that it is attached as any selection is.
  let looked = null; // { card, place }
  function look(item) {
    looked = { card: fieldsetOf(item.closest("form")).id, place: item.dataset.suggestion };
    const [document, start, end] = looked.place.split(":");
    const range = rangeIn(text, document, Number(start), Number(end));
    if (!range) return;
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    // The selection goes with the next click; this mark stays until another passage is looked at.
    if (globalThis.Highlight) CSS.highlights.set("suggestion", new Highlight(range));
    range.startContainer.parentElement.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    pages.follow(range.startContainer.parentElement);
  }
  const isLooked = (item) =>
    looked !== null && item.dataset.suggestion === looked.place && fieldsetOf(item.closest("form")).id === looked.card;
  const suggestionsIn = (card) => [...card.querySelectorAll("[data-suggestion]")];
  async function nextSuggestion() {
    // The rest of what this card suggests, once the first was looked at.
    if (current && "more" in current.dataset && (suggestionsIn(current).length === 0 || suggestionsIn(current).some(isLooked)))
      await open(current, ".factor__suggestions");
    const all = cards().filter((card) => !card.hidden);
    const from = Math.max(0, all.indexOf(current));
    const items = [...all.slice(from), ...all.slice(0, from)].flatMap((card) =>
      // Those folded away are for whoever is at their card.
      suggestionsIn(card).filter((item) => card === current || item.closest("details").open),
    );
    const item = items[(items.findIndex(isLooked) + 1) % items.length];
    if (!item) return say(words.noSuggestion);
    item.closest("details.factor__suggestions").open = true;
    item.closest("details.factor-section").open = true;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    look(item);
  }
  function dismissLooked() {
    const item = [...root.querySelectorAll("[data-suggestion]")].find(isLooked);
    if (item) item.closest("form").requestSubmit(item.querySelector("[data-dismiss]"));
    else say(words.noSuggestion);
  }
  root.addEventListener("click", (event) => {
    const see = event.target.closest("a[data-see]");
    if (!see) return;
    event.preventDefault();
    look(see.closest("[data-suggestion]"));
  });

  // What a card that is not whole does with this script only.
  const hasText = text.querySelector(".document[data-document]") !== null;
  let buttons = 0;
  function button(label, { name, value, action, describedBy } = {}) {
    const made = document.createElement("button");
    made.className = "button button--small button--quiet";
    made.type = name ? "submit" : "button";
    made.textContent = label;
    if (name) Object.assign(made, { name, value, formAction: `${root.dataset.action}${action}` });
    if (describedBy) {
      describedBy.id ||= `text-${++buttons}`;
      made.setAttribute("aria-describedby", describedBy.id);
    }
    return made;
  }
  function enhance(form) {
    const save = form.querySelector("[data-save]");
    if (save) save.hidden = true;
    if (hasText) {
      const attachSelection = button(words.attachSelection);
      attachSelection.dataset.attach = "";
      form.querySelector(".factor__acts").prepend(attachSelection);
    }
    if ("whole" in form.dataset) return;
    for (const item of suggestionsIn(form)) {
      const given = { name: "suggested", value: item.dataset.suggestion, describedBy: item.querySelector(".suggestion") };
      const dismiss = button(words.dismiss, { ...given, action: "/suggestion/ecarter" });
      dismiss.dataset.dismiss = "";
      item.querySelector(".suggestion__acts").append(button(words.attachButton, { ...given, action: "/passage" }), dismiss);
    }
    for (const item of form.querySelectorAll("[data-quote]"))
      item.append(
        button(words.detach, {
          name: "passage",
          value: item.dataset.quote,
          action: "/passage/detacher",
          describedBy: item.querySelector(".quote"),
        }),
      );
  }
  for (const form of cards()) enhance(form);

  const shortcuts = root.querySelector("[data-shortcuts]");
  shortcuts.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!shortcuts.querySelector("input").checked || event.altKey || event.isComposing || event.target.closest?.("dialog")) return;
    const field = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      return void turn(turnForm(event.shiftKey ? "redo" : "undo"));
    }
    const run = {
      n: () => goToIncomplete(),
      p: () => goToIncomplete(-1),
      j: () => goBy(1),
      k: () => goBy(-1),
      r: () => attach(current),
      f: () => picker.open(selected),
      o: () => (current ? open(current) : say(words.noFactor)),
      s: nextSuggestion,
      x: dismissLooked,
      "/": () => filter.querySelector("input").focus(),
    }[event.key];
    readSelection(); // the browser tells of a selection a little after it is made
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : null;
    const enter = event.key === "Enter" && selected && !event.target.closest("button, a, summary, input");
    if (!run && !enter && digit === null) return;
    event.preventDefault();
    if (enter) attach(current);
    else if (digit !== null) useRecent(digit - 1);
    else run();
  });
}
