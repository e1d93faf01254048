import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { Db, Tx } from "../../db/schema.ts";
import {
  type Acting,
  approveCrossFinding,
  beginCorrection,
  findCrossFinding,
  submitCrossFinding,
  withdrawCrossFinding,
} from "../../server/cross-findings/act.ts";
import { evidenceNow } from "../../server/cross-findings/evidence.ts";
import { type CrossFindingGiven, saveCrossFinding } from "../../server/cross-findings/write.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { CrossFindingState } from "../../workflows/cross-finding.decide.ts";
import { clock } from "../support/databases.ts";
import { type BuiltReport, reportIn, someone } from "../support/reports.ts";

export const NOW = clock().toISOString();
export const LATER = "2026-11-24T09:00:00.000Z";
export const WORDS = {
  kind: "missed_signal",
  statement: "Dans ces affaires, une plainte n’a pas été transmise au parquet.",
  publicStatement: "Des plaintes n’ont pas été transmises au parquet.",
  service: "Brigades de gendarmerie",
  knownWhen: "service_before",
} as const satisfies Omit<CrossFindingGiven, "basis">;
export const PRACTICE = {
  kind: "good_practice",
  statement: "Dans ces affaires, une association a proposé un hébergement dans la journée.",
  publicStatement: "Un hébergement proposé sans attendre protège.",
  service: "Associations d’aide aux victimes",
  knownWhen: null,
} as const satisfies Omit<CrossFindingGiven, "basis">;

/** Who writes and who decides, and two published reports that neither of them had a part in. */
export type Scene = { reports: BuiltReport[]; author: Actor; reviewer: Actor; coordinator: Actor };

export async function scene(database: Database): Promise<Scene> {
  return {
    reports: [await reportIn(database, "published"), await reportIn(database, "published")],
    author: await someone(database, "analyst"),
    reviewer: await someone(database, "reviewer"),
    coordinator: await someone(database, "coordinator"),
  };
}

/** What these reports say now of these factors, as a form would have it ticked. */
export async function basisFor(
  db: Db | Tx,
  reports: readonly Pick<BuiltReport, "id">[],
  factors: readonly string[] = ["complaint_filed", "signal_not_transmitted"],
): Promise<CrossFindingGiven["basis"]> {
  const pairs = reports.flatMap(({ id }) => factors.map((factor) => ({ reportId: id, factor })));
  return [...(await evidenceNow(db, pairs)).values()].map(({ reportId, factor, edition }) => ({ reportId, factor, edition }));
}

/** An act in a transaction of its own, on the version that the finding has now. */
export const acting = async <Result>(
  { db }: Database,
  reference: string,
  by: Actor,
  run: (tx: Tx, acting: Acting) => Promise<Result>,
  now = NOW,
): Promise<Result> =>
  db.transaction().execute(async (tx) => {
    const { version } = await findCrossFinding(tx, reference);
    return run(tx, { reference, seenVersion: version, by, now });
  });

/** A finding brought to a state by the acts that lead there; "correction": approved once, being written again. */
export async function crossFindingIn(
  database: Database,
  state: CrossFindingState | "correction",
  { reports, author, reviewer, coordinator }: Scene,
  given: Omit<CrossFindingGiven, "basis"> = WORDS,
): Promise<string> {
  const factors = given.kind === "good_practice" ? ["good_practice"] : undefined;
  const reference = await database.db.transaction().execute(async (tx) => {
    const basis = await basisFor(tx, reports, factors);
    return saveCrossFinding(tx, { reference: null, seenVersion: null, by: author, now: NOW }, { ...given, basis });
  });
  if (state === "draft") return reference;
  await acting(database, reference, author, submitCrossFinding);
  if (state === "in_review") return reference;
  await acting(database, reference, reviewer, (tx, act) => approveCrossFinding(tx, act, PUBLIC_CHECKS, ""));
  if (state === "correction") await acting(database, reference, author, (tx, act) => beginCorrection(tx, act, "Une affaire de plus"));
  if (state === "withdrawn")
    await acting(database, reference, coordinator, (tx, act) => withdrawCrossFinding(tx, act, "Les affaires ne se ressemblaient pas"));
  return reference;
}

/** An approved recommendation of the register that rests on a cross-case finding. */
export async function recommendationOn({ db }: Database, reference: string, by: Actor): Promise<string> {
  const { id } = await findCrossFinding(db, reference);
  const first = await db.selectFrom("recommendation").selectAll().where("report_id", "is not", null).executeTakeFirstOrThrow();
  const own = {
    id: newId(),
    reference: `REC-2026-9${String(Math.floor(performance.now() * 1000)).slice(-6)}`,
    report_id: null,
    number: null,
  };
  await db
    .insertInto("recommendation")
    .values({ ...first, ...own, state: "approved", written_by: by.id, evidence_question_at: null })
    .execute();
  await db.insertInto("recommendation_cross_finding").values({ recommendation_id: own.id, cross_finding_id: id }).execute();
  return own.id;
}
