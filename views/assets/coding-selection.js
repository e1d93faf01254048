// What is selected in a document, as code points of its frozen text. Blocks and cells say where their text begins (data-start), and hold
// nothing but that text.

const codePoints = (text) => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

/** How many code points of a block stand before a point of the page; all of them when the point lies after it, none when before. */
function offsetIn(block, node, offset, outside) {
  if (!block.contains(node)) return outside;
  const before = document.createRange();
  before.selectNodeContents(block);
  before.setEnd(node, offset);
  return codePoints(before.toString());
}

/** The piece of a document's text from `start` to `end` (code points of the frozen text) as a range of the page; null when it is not there. */
export function rangeIn(container, number, start, end) {
  const range = document.createRange();
  let begun = false;
  for (const block of container.querySelectorAll(`.document[data-document="${CSS.escape(number)}"] [data-start]`)) {
    let at = Number(block.dataset.start);
    if (at >= end) break;
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const points = [...node.data];
      const offset = (point) => points.slice(0, Math.min(point - at, points.length)).join("").length;
      if (at < end && at + points.length > start) {
        if (!begun) range.setStart(node, offset(Math.max(start, at)));
        begun = true;
        range.setEnd(node, offset(end));
      }
      at += points.length;
    }
  }
  return begun ? range : null;
}

/**
 * The selection inside `container`: { document, start, end, quote }, blanks at its ends left out; null when there is none. What reaches over
 * two documents counts in the first.
 */
export function selectedPassage(container) {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const text = [...container.querySelectorAll(".document[data-document]")].find((one) => range.intersectsNode(one));
  if (!text) return null;
  const pieces = [];
  for (const block of text.querySelectorAll("[data-start]")) {
    if (!range.intersectsNode(block)) continue;
    const points = [...block.textContent];
    const from = offsetIn(block, range.startContainer, range.startOffset, 0);
    const to = offsetIn(block, range.endContainer, range.endOffset, points.length);
    if (to > from) pieces.push({ at: Number(block.dataset.start) + from, points: points.slice(from, to) });
  }
  const blank = (point) => /\s/u.test(point);
  while (pieces.length > 0 && pieces[0].points.every(blank)) pieces.shift();
  while (pieces.length > 0 && pieces.at(-1).points.every(blank)) pieces.pop();
  if (pieces.length === 0) return null;
  const first = pieces[0];
  while (blank(first.points[0])) {
    first.points.shift();
    first.at++;
  }
  const last = pieces.at(-1);
  while (blank(last.points.at(-1))) last.points.pop();
  return {
    document: text.dataset.document,
    start: first.at,
    end: last.at + last.points.length,
    quote: pieces.map(({ points }) => points.join("")).join("\n"),
  };
}
