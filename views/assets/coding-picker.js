// The choice of a factor by its name: a dialog with a search and a list, after the pattern of the editable combobox with a list.

/** Words as they are compared: without accents, ligatures and case. */
export const folded = (words) =>
  words.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’']/g, " ").replace(/œ/gi, "oe").replace(/æ/gi, "ae").toLowerCase();

const NEAREST = { title: 0, search: 1, definition: 2 };

/**
 * @param dialog  the dialog, empty list and all
 * @param words   messages of the page
 * @param entries gives what can be chosen now: { card, title, search, definition, state, recent, answers: [{ value, label }] }
 * @param choose  called with the entry and one of its answers, or null, once the dialog is closed
 */
export function pickerOf({ dialog, words, entries, choose }) {
  const search = dialog.querySelector("[data-picker-search]");
  const list = dialog.querySelector("[role=listbox]");
  const told = dialog.querySelector("[data-picker-said]");
  const quote = dialog.querySelector("[data-picker-quote]");
  let all = [];
  let shown = [];
  let active = 0;

  /** How near an entry is to what is searched; null when one of the words is nowhere in it. */
  function rankOf(entry, wanted) {
    let rank = 0;
    for (const word of wanted) {
      const where = ["title", "search", "definition"].find((part) => entry.folded[part].includes(word));
      if (!where) return null;
      rank += NEAREST[where] * 10 - (entry.folded[where].startsWith(word) ? 1 : 0);
    }
    return rank;
  }

  function activate(at) {
    active = at;
    const items = list.children;
    for (const [index, item] of [...items].entries()) item.setAttribute("aria-selected", String(index === at));
    const item = items[at];
    if (item) search.setAttribute("aria-activedescendant", item.id);
    else search.removeAttribute("aria-activedescendant");
    item?.scrollIntoView({ block: "nearest" });
  }

  function draw() {
    const wanted = folded(search.value).split(/\s+/).filter(Boolean);
    const ranked = all
      .map((entry, order) => ({ entry, order, rank: rankOf(entry, wanted) }))
      .filter(({ rank }) => rank !== null)
      // Without a search, those coded last come first; else the nearest, in the order of the codebook.
      .sort((a, b) => (wanted.length > 0 ? a.rank - b.rank : (a.entry.recent ?? 99) - (b.entry.recent ?? 99)) || a.order - b.order);
    shown = ranked.flatMap(({ entry }) => (entry.answers.length > 0 ? entry.answers : [null]).map((answer) => ({ entry, answer })));
    list.replaceChildren(
      ...shown.map(({ entry, answer }, at) => {
        const item = document.createElement("li");
        item.id = `picker-${at}`;
        item.setAttribute("role", "option");
        const name = document.createElement("span");
        name.textContent = answer ? `${entry.title} – ${answer.label}` : entry.title;
        const state = document.createElement("span");
        state.className = "muted small";
        state.textContent = entry.state;
        if (entry.recent && wanted.length === 0) {
          const key = document.createElement("kbd");
          key.textContent = String(entry.recent);
          item.append(key, " ");
        }
        item.append(name, " ", state);
        return item;
      }),
    );
    told.textContent = ranked.length > 0 ? words.pickerCount.replace("{count}", String(ranked.length)) : words.pickerNone;
    activate(shown.length > 0 ? 0 : -1);
  }

  function take(at) {
    const chosen = shown[at];
    if (!chosen) return;
    dialog.close();
    choose(chosen.entry, chosen.answer);
  }

  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    const page = 8;
    const to = {
      ArrowDown: (active + 1) % shown.length,
      ArrowUp: (active - 1 + shown.length) % shown.length,
      PageDown: Math.min(active + page, shown.length - 1),
      PageUp: Math.max(active - page, 0),
    }[event.key];
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      take(active);
    } else if (to !== undefined && shown.length > 0) {
      event.preventDefault();
      activate(to);
    }
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) take([...list.children].indexOf(item));
  });

  return {
    /** Opens the dialog on what is selected, if anything is; the focus comes back where it was. */
    open(passage) {
      all = entries().map((entry) => ({
        ...entry,
        folded: { title: folded(entry.title), search: folded(entry.search), definition: folded(entry.definition) },
      }));
      quote.hidden = !passage;
      quote.textContent = passage ? passage.quote : "";
      search.value = "";
      dialog.showModal();
      draw();
      search.focus();
    },
  };
}
