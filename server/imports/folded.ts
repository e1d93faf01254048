import { foldText } from "../reports/fold.ts";

const MOST = 50_000;
const LONGEST = 120;

/** foldText with a memory of its own: folding is slow, and the cells of a spreadsheet repeat each other. */
export function remembering(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    if (text.length > LONGEST) return foldText(text);
    let folded = known.get(text);
    if (folded === undefined) {
      folded = foldText(text);
      if (known.size < MOST) known.set(text, folded);
    }
    return folded;
  };
}
