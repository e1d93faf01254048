import type { ReportTable } from "../../db/schema.ts";
import type { CodebookDefinition, Factor } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { optionsOf, unitLabel } from "../coding/labels.ts";
import { closedOption, UNKNOWN } from "../coding/values.ts";
import type { Language, T } from "../http/words.ts";
import { COURTS, DEPARTMENTS } from "../reports/places.ts";

/** The control of a factor's value where it is neither coder's: "not documented" is a choice of its own beside it. */
export type Control = {
  kind: "radios" | "checkboxes" | "select" | "number" | "date";
  options: { value: string; label: string }[];
  unit: string | null;
  /** What is chosen or typed. */
  value: string[];
};

/** @param value what is stored or was typed */
export function controlOf(
  definition: CodebookDefinition,
  report: ReportTable,
  factor: Factor,
  value: readonly string[],
  t: T,
  language: Language,
): Control {
  const listed = optionsOf(definition, factor)
    .filter(({ code }) => code !== UNKNOWN && (closedOption(factor, code, report.act_date) === null || value.includes(code)))
    .map((option) => ({ value: option.code, label: labelOf(option, language) }));
  const outside =
    factor.optionsRef === "cog_departement"
      ? DEPARTMENTS.map(({ code, name }) => ({ value: code, label: `${code} – ${name}` }))
      : factor.optionsRef === "ressort_judiciaire"
        ? COURTS.map(({ srj, name }) => ({ value: srj, label: name }))
        : null;
  const kind =
    factor.type === "number" || factor.type === "date"
      ? factor.type
      : factor.type === "multi"
        ? "checkboxes"
        : outside || listed.length > 6
          ? "select"
          : "radios";
  return {
    kind,
    options: kind === "number" || kind === "date" ? [] : (outside ?? listed),
    unit: unitLabel(factor.unit, t),
    value: value.map((one) => (kind === "number" && language === "fr" ? one.replace(".", ",") : one)),
  };
}
