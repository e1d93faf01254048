import type { Database } from "../../db/database.ts";
import { assignReport, submitLayer } from "../../server/assignments/assign.ts";
import type { Actor } from "../../workflows/actor.ts";
import { clock } from "./databases.ts";
import { type BuiltReport, type Cast, CODED, type Coded, codeEverything, reportIn, someone } from "./reports.ts";

/** `analyst` codes layer 1, `second` layer 2, `adjudicator` settles their differences. */
export type TwiceCoded = BuiltReport & { second: Actor; adjudicator: Actor };

/** What the second of two coders finds otherwise than CODED. */
const OTHERWISE: readonly Coded[] = [
  // Another value.
  { factor: "victim_fear", value: "unknown", quote: null },
  {
    factor: "physical_violence",
    value: "present",
    quote: "aucune scène de violence physique n’avait été vue",
    confidence: "low",
    basis: "inference",
    note: "À relire : les voisins n’ont peut-être rien vu.",
  },
  { factor: "danger_evaluation", value: "unknown", quote: null },
  // The same value, known otherwise.
  { factor: "separation_announced", value: "present", quote: "l’avait annoncé à ses proches", knownWhen: "service_before" },
  // The same value, with other qualifiers and another passage.
  {
    factor: "complaint_filed",
    value: "present",
    quote: "n’a pas transmis la plainte au parquet",
    confidence: "medium",
    basis: "professional",
    note: "Plainte confirmée plus loin.",
  },
];
/** Factors on which the two coders of `codedTwice` differ, in the order of the codebook; on the second one, in when it was known alone. */
export const DIFFERENT = ["victim_fear", "separation_announced", "physical_violence", "danger_evaluation"] as const;
/** What the coders of layers 1 and 2 find; every other factor is not documented for either. */
export const FIRST: readonly Coded[] = CODED;
export const SECOND: readonly Coded[] = [
  ...CODED.filter(({ factor }) => !OTHERWISE.some((other) => other.factor === factor)),
  ...OTHERWISE,
];

/**
 * A report coded blind by two analysts who differ on DIFFERENT. Unless `submitted` says otherwise both have handed in; the adjudicator has
 * settled nothing. People who are not given are made.
 */
export async function codedTwice(
  database: Database,
  cast: Partial<Cast & { second: Actor; adjudicator: Actor }> = {},
  { submitted = [1, 2] }: { submitted?: readonly (1 | 2)[] } = {},
): Promise<TwiceCoded> {
  const built = await reportIn(database, "received", cast);
  const second = cast.second ?? (await someone(database, "analyst"));
  const adjudicator = cast.adjudicator ?? (await someone(database, "analyst"));
  const now = clock().toISOString();
  const { id, analyst, coordinator, documentId } = built;
  let { version } = built;
  await database.db.transaction().execute(async (tx) => {
    const people = { analyst: analyst.id, second: second.id, adjudicator: adjudicator.id };
    version = await assignReport(
      tx,
      { reportId: id, seenVersion: version, by: coordinator, now },
      { ...people, priority: "normal", due: null },
    );
    await codeEverything(tx, id, documentId, analyst, now, 1, FIRST);
    await codeEverything(tx, id, documentId, second, now, 2, SECOND);
    for (const layer of submitted) await submitLayer(tx, { reportId: id, seenVersion: version++, by: layer === 1 ? analyst : second, now });
  });
  return { ...built, version, second, adjudicator };
}
