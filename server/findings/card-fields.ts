import { type Field, field, type ListField, listField, type Problems, type Typed } from "../http/fields.ts";

/** Which form of which finding came back with problems; null: none of a finding's. */
export type About = { number: number; form: CardForm } | null;
export type CardForm = "decision" | "edits" | "answer" | "confirm" | "correction" | "withdraw" | "dissent";
export type CardField = Field & { id: string };
export type CardListField = ListField & { id: string };

/** A page shows the same form once a finding: the ids of its fields say which. */
export const fieldId = ({ number, form }: NonNullable<About>, name: string): string =>
  form === "decision" ? `${name}-${number}` : `${form}-${name}-${number}`;

/** The fields of one form of one finding: what was typed, where this form came back, else what is stored. */
export function fieldsOf(own: NonNullable<About>, about: About, typed: Typed | null, problems: Problems) {
  const here = about?.number === own.number && about.form === own.form;
  return {
    /** Whether it came back with problems. */
    here,
    one: (name: string, stored: string | null = ""): CardField => ({
      ...field(name, here ? typed : null, here ? problems : {}, stored),
      id: fieldId(own, name),
    }),
    list: (name: string): CardListField => ({ ...listField(name, here ? typed : null, here ? problems : {}), id: fieldId(own, name) }),
  };
}

/** Problems as the links of the summary at the top of a page. */
export const cardSummary = (problems: Problems, about: About) =>
  Object.entries(problems).map(([name, text]) => ({ href: `#${about ? fieldId(about, name) : name}`, text }));
