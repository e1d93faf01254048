import type { Language } from "../../workflows/report.words.ts";
import type { Option } from "./definition.ts";

/** Words of the codebook as they are printed: the file keeps straight apostrophes for matching, pages do not. */
export const printed = (text: string): string => text.replaceAll("'", "’");

/** Label of a factor, section or option in the reader's language. */
export const labelOf = ({ labelFr, labelEn }: { labelFr: string; labelEn: string }, language: Language): string =>
  printed(language === "fr" ? labelFr : labelEn);

/** Label of a code in a list; the code itself when the list lacks it (an older version had it). */
export const labelIn = (options: readonly Option[], code: string, language: Language): string => {
  const option = options.find((one) => one.code === code);
  return option ? labelOf(option, language) : code;
};

/** A list as the choices of a select, in the order of the file. */
export const choicesOf = (options: readonly Option[], language: Language) =>
  options.map((option) => ({ value: option.code, label: labelOf(option, language) }));
