// The original page beside the text: it turns in place, and follows the passage that is shown. No picture is fetched unless the reader has
// asked for one on this page.

/**
 * @param root    the coding page
 * @param text    its document side
 * @param partial fetches the page at an address without its text and cards, as a document
 */
export function pagesOf({ root, text, partial }) {
  const figure = () => text.querySelector("[data-picture]");

  async function turnTo(href, focus) {
    const before = figure();
    const page = await partial(href).catch(() => null);
    const next = page?.querySelector("[data-picture]");
    if (!before || !next) return location.assign(href);
    before.replaceWith(next);
    const query = new URL(href, location.href).search;
    root.dataset.query = query;
    history.replaceState(history.state, "", `${root.dataset.action}${query}`);
    if (focus) (next.querySelector(`[data-turn-page="${focus}"]`) ?? next.querySelector("[data-turn-page]"))?.focus();
  }

  text.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-turn-page]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    turnTo(link.href, link.dataset.turnPage);
  });

  return {
    /** Turns to the page that an element of the text stands on, where a page is shown. */
    follow(element) {
      const shown = figure();
      if (!shown || !element) return;
      const marks = [...text.querySelectorAll(".document__page[data-page]")];
      const page = marks.findLast((mark) => mark.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)?.dataset.page;
      if (!page || page === shown.dataset.picture) return;
      const query = new URLSearchParams(root.dataset.query);
      query.set("page", page);
      turnTo(`${root.dataset.action}?${query}`, null);
    },
  };
}
