import type { CodingTable, PersonTable, ReportTable } from "../../db/schema.ts";
import { asksBothDirections, type Factor, REVERSE, type Section } from "../codebook/definition.ts";
import { isProven, proofNeeded } from "./values.ts";

/** One thing to code: a factor, for the case, for the case in its second direction, or for one of its people. */
export type Expected = { factor: Factor; person: PersonTable | null; reverse: boolean };

export const subjectOf = ({ person, reverse }: Pick<Expected, "person" | "reverse">): string => person?.id ?? (reverse ? REVERSE : "case");
/** What tells one expected coding from another, as one key. */
export const keyOf = (factor: string, subject: string): string => `${factor} ${subject}`;
/** The address of its card on the coding page: "facteur-tgd-victim-1". */
export const anchorOf = ({
  factor,
  person,
  reverse,
}: {
  factor: Pick<Factor, "code">;
  person: Pick<PersonTable, "kind" | "number"> | null;
  reverse: boolean;
}): string => `facteur-${factor.code}${person ? `-${person.kind}-${person.number}` : reverse ? `-${REVERSE}` : ""}`;

/**
 * Everything a section asks, in codebook order; factors that follow each other and apply to the same kind of person stay together for each
 * person, so that one person is coded at a time. Where the violence went both ways, the history follows once more in its second direction.
 */
export function expectedIn(
  section: Section,
  factors: readonly Factor[],
  people: readonly PersonTable[],
  report: Pick<ReportTable, "second_direction">,
): Expected[] {
  const expected: Expected[] = [];
  let run: Factor[] = [];
  const close = () => {
    const kind = run[0]?.appliesTo;
    if (kind === "case") expected.push(...run.map((factor) => ({ factor, person: null, reverse: false })));
    else for (const person of people) if (person.kind === kind) expected.push(...run.map((factor) => ({ factor, person, reverse: false })));
    run = [];
  };
  for (const factor of factors) {
    if (factor.section !== section.code) continue;
    if (run.length > 0 && run[0]!.appliesTo !== factor.appliesTo) close();
    run.push(factor);
  }
  close();
  const again = expected.filter(({ factor }) => asksBothDirections(report, factor));
  return [...expected, ...again.map((one) => ({ ...one, reverse: true }))];
}

/** Why an expected coding is not complete: no value, no passage where one is needed, neither passage nor reason. */
export type Missing = "value" | "passage" | "passage-or-reason";
export function missingOf(coding: Pick<CodingTable, "value" | "reason"> | undefined, passages: number): Missing | null {
  if (!coding) return "value";
  return isProven(coding, passages) ? null : proofNeeded(coding.value);
}
