import type { LetterDocument } from "../letter-document.ts";
import { compileLetter } from "./compile.ts";
import type { Typeset } from "./typeset.ts";

/** The child process of typeset.ts: one letter in, one answer out. */
process.once("message", (document: LetterDocument) => {
  let answer: Typeset;
  try {
    answer = { pdf: compileLetter(document) };
  } catch (error) {
    answer = { reason: error instanceof Error ? error.message : "the typesetter failed" };
  }
  process.send!(answer, () => process.disconnect());
});
