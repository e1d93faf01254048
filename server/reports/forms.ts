import { z } from "zod";
import type { PersonTable, ReportTable } from "../../db/schema.ts";
import { Invalid, type Message } from "../http/errors.ts";
import { choice, date, type Field, field, type Problems, required, several, type Typed } from "../http/fields.ts";
import type { PersonGiven, Sheet } from "./intake.ts";

export const ACT_KINDS = ["homicide", "attempted_homicide", "forced_suicide", "forced_suicide_attempt", "other"] as const;
export const PROCEEDINGS = [
  "preliminary_investigation",
  "judicial_investigation",
  "awaiting_trial",
  "judged",
  "final",
  "extinguished",
  "dismissed",
  "unknown",
] as const;
export const ISSUING_KINDS = ["prosecutor", "general_prosecutor", "inspection", "police", "gendarmerie", "other"] as const;
export const PERSON_KINDS = ["victim", "perpetrator", "child"] as const;
export const SEXES = ["female", "male", "unknown"] as const;
const MOST_PEOPLE = 20;

const count = () =>
  z
    .string()
    .optional()
    .transform((value) => (value?.trim() ? value.trim() : "0"))
    .pipe(z.string().regex(/^\d{1,3}$/, "http.invalid.value"))
    .transform(Number)
    .pipe(z.number().max(MOST_PEOPLE, "reports.new.tooMany"));

const peopleShape = Object.fromEntries(PERSON_KINDS.flatMap((kind) => SEXES.map((sex) => [`${kind}_${sex}`, count()]))) as Record<
  `${(typeof PERSON_KINDS)[number]}_${(typeof SEXES)[number]}`,
  ReturnType<typeof count>
>;

/** The fields of a sheet, as the deposit and its correction post them. */
export const sheetShape = {
  issuingKind: choice(ISSUING_KINDS),
  issuingService: required(200),
  receivedOn: date(),
  actDate: date(),
  actKind: choice(ACT_KINDS),
  department: z.string().min(1, "http.invalid.missing").max(3, "http.invalid.choice"),
  court: z.string().min(1, "http.invalid.missing").max(10, "http.invalid.choice"),
  proceedings: choice(PROCEEDINGS),
  ...peopleShape,
};
export const depositForm = z.strictObject({ ...sheetShape, staged: several(10), notDuplicate: z.literal("oui").optional() });
export type SheetForm = Omit<z.output<typeof depositForm>, "staged" | "notDuplicate">;

/** The sheet that a form gives. @throws Invalid for dates that cannot be */
export function sheetOf(form: SheetForm, today: string): Sheet {
  const problems: Record<string, Message> = {};
  for (const name of ["receivedOn", "actDate"] as const) {
    if (form[name] > today) problems[name] = "reports.new.future";
    else if (form[name] < "1990-01-01") problems[name] = "reports.new.tooOld";
  }
  if (!problems["actDate"] && form.actDate > form.receivedOn) problems["actDate"] = "reports.new.actAfterReceipt";
  const people = peopleGiven(form);
  if (!people.some(({ kind }) => kind === "victim")) problems["victim_female"] = "reports.new.aVictim";
  if (!people.some(({ kind }) => kind === "perpetrator")) problems["perpetrator_male"] = "reports.new.aPerpetrator";
  for (const kind of PERSON_KINDS)
    if (people.filter((person) => person.kind === kind).length > MOST_PEOPLE) problems[`${kind}_female`] = "reports.new.tooMany";
  if (Object.keys(problems).length > 0) throw new Invalid(problems);
  const { issuingKind, issuingService, receivedOn, actDate, actKind, department, court, proceedings } = form;
  return { issuingKind, issuingService, receivedOn, actDate, actKind, department, court, proceedings };
}

/** People numbered in each kind: women or girls first, then men or boys, then those whose sex is not known. */
export const peopleGiven = (form: Pick<SheetForm, keyof typeof peopleShape>): PersonGiven[] =>
  PERSON_KINDS.flatMap((kind) =>
    SEXES.flatMap((sex) => Array.from({ length: form[`${kind}_${sex}`] }, () => sex)).map((sex, at) => ({ kind, number: at + 1, sex })),
  );

/** How many people of each kind and sex a report has, as the form's fields. */
const peopleCounts = (people: readonly Pick<PersonTable, "kind" | "sex">[]) => (kind: string, sex: string) =>
  people.filter((person) => person.kind === kind && person.sex === sex).length;

export type SheetFields = Record<keyof Omit<Sheet, never>, Field> & {
  people: { kind: (typeof PERSON_KINDS)[number]; cells: { sex: (typeof SEXES)[number]; field: Field }[] }[];
};

/** The sheet's fields: what was typed, else what is stored. */
export function sheetFields(
  typed: Typed | null,
  problems: Problems,
  stored: ReportTable | null,
  people: readonly Pick<PersonTable, "kind" | "sex">[],
  today: string,
): SheetFields {
  const counts = peopleCounts(people);
  return {
    issuingKind: field("issuingKind", typed, problems, stored?.issuing_kind ?? "prosecutor"),
    issuingService: field("issuingService", typed, problems, stored?.issuing_service),
    receivedOn: field("receivedOn", typed, problems, stored?.received_on ?? today),
    actDate: field("actDate", typed, problems, stored?.act_date),
    actKind: field("actKind", typed, problems, stored?.act_kind),
    department: field("department", typed, problems, stored?.department),
    court: field("court", typed, problems, stored?.court),
    proceedings: field("proceedings", typed, problems, stored?.proceedings),
    people: PERSON_KINDS.map((kind) => ({
      kind,
      cells: SEXES.map((sex) => ({ sex, field: field(`${kind}_${sex}`, typed, problems, stored ? counts(kind, sex) || "" : "") })),
    })),
  };
}
