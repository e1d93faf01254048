import type { PersonTable, ReportTable } from "../../db/schema.ts";
import { asksBothDirections, type CodebookDefinition, type Factor, type Option } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { longDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import { courtLabel, departmentLabel } from "../reports/places.ts";
import { UNKNOWN } from "./values.ts";

/** The options of a factor that has a list of its own or the codebook's scale of presence; those of outside lists are named one by one. */
export const optionsOf = (definition: Pick<CodebookDefinition, "presence">, factor: Factor): readonly Option[] =>
  factor.type === "presence" ? definition.presence : factor.options;

const UNITS = ["years", "days", "persons", "events"] as const;
type Unit = (typeof UNITS)[number];
const isUnit = (unit: string | null): unit is Unit => (UNITS as readonly (string | null)[]).includes(unit);
/** "an" or "ans", "jours"…, as so many are counted; a unit we have no word for as the codebook writes it, none for counts. */
export const unitLabel = (unit: string | null, t: T, count = 2): string | null =>
  isUnit(unit) ? t(`coding.unit.${unit}`, { count }) : unit;

/** "Victime 1". */
export const personLabel = ({ kind, number }: Pick<PersonTable, "kind" | "number">, t: T): string => t(`coding.person.${kind}`, { number });

/** Whom a card is about, where the factor's own label does not say: a person, or one direction where the violence went both ways. */
export const whoseLabel = (
  { factor, person, reverse }: { factor: Factor; person: PersonTable | null; reverse: boolean },
  report: Pick<ReportTable, "second_direction">,
  t: T,
): string | null => {
  if (person) return personLabel(person, t);
  if (reverse) return t("coding.person.reverse");
  return asksBothDirections(report, factor) ? t("coding.person.forward") : null;
};

/** A stored value as a person reads it: "Présent", "Domicile de la victime", "34 ans", "14 mars 2024". */
export function valueLabel(
  definition: Pick<CodebookDefinition, "presence">,
  factor: Factor,
  value: string,
  t: T,
  language: Language,
): string {
  const options = optionsOf(definition, factor);
  const named = (code: string): string => {
    const option = options.find((one) => one.code === code);
    if (option) return labelOf(option, language);
    return code === UNKNOWN ? t("coding.unknown") : code;
  };
  if (value === UNKNOWN) return named(value);
  if (factor.type === "multi") return value.split(",").map(named).join(", ");
  if (factor.optionsRef === "cog_departement") return departmentLabel(value);
  if (factor.optionsRef === "ressort_judiciaire") return courtLabel(value);
  if (factor.type === "date") return longDate(value, language);
  if (factor.type === "number") {
    const unit = unitLabel(factor.unit, t, Number(value));
    const number = new Intl.NumberFormat(language === "fr" ? "fr-FR" : "en-GB", { maximumFractionDigits: 4 }).format(Number(value));
    return unit ? `${number} ${unit}` : number;
  }
  return named(value);
}
