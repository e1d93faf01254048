/** A run of words that stayed, went or came. */
export type Run = { kind: "same" | "removed" | "added"; text: string };

/** Beyond this many pairs of words the texts are shown one after the other: no reader follows such a difference word by word. */
const MOST_PAIRS = 4_000_000;

/** Words with the space that follows them, so that runs put together again give the text back. */
const wordsOf = (text: string): string[] => text.match(/\S+\s*|\s+/gu) ?? [];
const bare = (word: string): string => word.trimEnd();

/**
 * What changed between two texts, word by word: the longest common sequence of words stays. The runs that stayed or went, put together, are
 * the text before, those that stayed or came the text after, up to the spaces between words.
 */
export function wordDifference(before: string, after: string): Run[] {
  const [was, is] = [wordsOf(before), wordsOf(after)];
  let from = 0;
  while (from < was.length && from < is.length && bare(was[from]!) === bare(is[from]!)) from++;
  let [wasEnd, isEnd] = [was.length, is.length];
  while (wasEnd > from && isEnd > from && bare(was[wasEnd - 1]!) === bare(is[isEnd - 1]!)) {
    wasEnd--;
    isEnd--;
  }
  const runs: Run[] = [];
  const say = (kind: Run["kind"], words: readonly string[]) => {
    if (words.length === 0) return;
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += words.join("");
    else runs.push({ kind, text: words.join("") });
  };
  say("same", is.slice(0, from));
  const [a, b] = [was.slice(from, wasEnd), is.slice(from, isEnd)];
  if (a.length * b.length > MOST_PAIRS) {
    say("removed", a);
    say("added", b);
  } else {
    // lengths[i * width + j]: the longest sequence common to a from i and b from j.
    const width = b.length + 1;
    const lengths = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        lengths[i * width + j] =
          bare(a[i]!) === bare(b[j]!)
            ? lengths[(i + 1) * width + j + 1]! + 1
            : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length)
      if (i < a.length && j < b.length && bare(a[i]!) === bare(b[j]!)) {
        say("same", [b[j]!]);
        i++;
        j++;
      } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) say("removed", [a[i++]!]);
      else say("added", [b[j++]!]);
  }
  say("same", is.slice(isEnd));
  // The last word of a text has no space after it; what follows it in the difference is another word all the same.
  return runs.map((run, at) => (at === runs.length - 1 || /\s$/u.test(run.text) ? run : { ...run, text: `${run.text} ` }));
}
