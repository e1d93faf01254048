import { createHash } from "node:crypto";
import type { Tx } from "../../db/schema.ts";
import { acceptAgreements, adjudicateValue, submitAdjudication } from "../../server/adjudication/adjudicate.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { CodingToLoad } from "./load.ts";

/** Who codes a report of the demonstration a second time, who settles it, and how far that is. */
export type Double = { second: Actor; adjudicator: Actor; until: "open" | "handed-in" | "settled" };

const chance = (...names: string[]): number =>
  Number.parseInt(createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 8), 16) / 2 ** 32;

/**
 * What a second reader of the same report might say: mostly the same, now and then that what the first saw is not documented, or that a
 * silence which neighbours and services were asked about is an absence. The same report always gives the same reading.
 */
export const secondReading = (name: string, codings: readonly CodingToLoad[], presence: ReadonlySet<string>): CodingToLoad[] =>
  codings.map((coding) => {
    const drawn = chance(name, coding.factor, coding.person ? `${coding.person.kind} ${coding.person.number}` : "");
    if (coding.value !== "unknown" && coding.value !== "not_available" && drawn < 0.11)
      return { ...coding, value: "unknown", places: [], knownWhen: null, evidenceBasis: null, confidence: "low", note: null, reason: null };
    // The same passage read the other way: what two careful readers do now and then.
    if (presence.has(coding.factor) && coding.places.length > 0 && drawn < 0.16)
      return { ...coding, value: coding.value === "present" ? "absent" : "present", confidence: "medium" };
    if (coding.value === "unknown" && presence.has(coding.factor) && drawn > 0.985)
      return {
        ...coding,
        value: "absent",
        confidence: "low",
        reason: "Recherché au cours de l’enquête selon le rapport, sans rien trouver.",
      };
    return coding;
  });

const REASONS = [
  "Le passage cité établit le fait ; le silence du reste du rapport ne l’écarte pas.",
  "La source est identifiée et le passage est sans ambiguïté.",
  "Relu avec la définition de la grille : le passage suffit.",
];

/** Settles every difference as the first coder had it, accepts the agreements, and hands the adjudication in. @returns the report's version */
export async function settle(tx: Tx, id: string, version: number, by: Actor, now: string): Promise<number> {
  const codings = await tx
    .selectFrom("coding")
    .select(["layer", "factor", "subject", "value", "version"])
    .where("report_id", "=", id)
    .where("layer", "in", [1, 2])
    .execute();
  await acceptAgreements(tx, { reportId: id, seenVersion: version, keys: null }, by, now);
  for (const first of codings.filter(({ layer }) => layer === 1)) {
    const second = codings.find((one) => one.layer === 2 && one.factor === first.factor && one.subject === first.subject);
    if (!second || second.value === first.value) continue;
    const reason = REASONS[Math.floor(chance(id, first.factor) * REASONS.length)]!;
    const seen = { first: first.version, second: second.version, settled: 0 };
    await adjudicateValue(tx, id, { factor: first.factor, subject: first.subject, choice: "first", reason, seen }, by, now);
  }
  return (await submitAdjudication(tx, { reportId: id, seenVersion: version, by, now })).version;
}
