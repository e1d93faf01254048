import { sql } from "kysely";
import { keptQuery } from "../../../db/kept-query.ts";
import type { Db, IsoDate, ReportTable, Tx } from "../../../db/schema.ts";
import { codebookVersion } from "../../codebook/store.ts";
import { dayOf } from "../../http/formats.ts";
import type { CaseOnFile } from "./case.ts";
import { stoppingIssues } from "./rules.ts";

export type ReportOnFile = Pick<
  ReportTable,
  | "id"
  | "state"
  | "received_on"
  | "act_date"
  | "act_kind"
  | "department"
  | "court"
  | "proceedings"
  | "due_on"
  | "second_direction"
  | "codebook_version"
  | "counted_layer"
>;

const codings = keptQuery((db, id) =>
  db
    .selectFrom("coding")
    .select(["id", "layer", "factor", "subject", "value", "confidence", "origin", "evidence_basis", "known_when"])
    .where("report_id", "=", id)
    .compile(),
);
const ties = keptQuery((db, id) =>
  db
    .selectFrom("coding_passage")
    .innerJoin("coding", "coding.id", "coding_passage.coding_id")
    .innerJoin("passage", "passage.id", "coding_passage.passage_id")
    .select(["coding_id", "layer", "passage_id", "quote"])
    .where("coding.report_id", "=", id)
    .compile(),
);
const people = keptQuery((db, id) =>
  db.selectFrom("person").select(["id", "kind", "number", "sex"]).where("report_id", "=", id).orderBy("number").compile(),
);
const entries = keptQuery((db, id) =>
  db
    .selectFrom("chronology_entry")
    .select([
      "id", "starts_on", "precision", "ends_on", "ends_precision", "uncertain", "kind", "service", "description", "passage_id", "updated_at",
    ]) // biome-ignore format: a list
    .where("report_id", "=", id)
    .where("deleted_at", "is", null)
    .orderBy("starts_on")
    .orderBy("id")
    .compile(),
);
const findings = keptQuery((db, id) =>
  db
    .selectFrom("finding")
    .select(["id", "number", "kind", "statement", "public_statement", "service", "known_when"])
    .where("report_id", "=", id)
    .where("deleted_at", "is", null)
    .orderBy("number")
    .compile(),
);
/** Everything that findings are tied to, in one answer. */
const restsOn = keptQuery((db, id) =>
  sql<{ finding_id: string; what: "factor" | "passage" | "entry"; tied: string }>`
    with own as (select id from finding where report_id = ${id})
    select finding_id, 'factor' as what, factor as tied from finding_factor where finding_id in (select id from own)
    union all select finding_id, 'passage', passage_id from finding_passage where finding_id in (select id from own)
    union all select finding_id, 'entry', entry_id from finding_chronology where finding_id in (select id from own)`.compile(db),
);
const recommendations = keptQuery((db, id) =>
  db
    .selectFrom("recommendation")
    .select(["id", "number", "text", "addressee", "deadline", "proof_expected", "state"])
    .where("report_id", "=", id)
    .where("deleted_at", "is", null)
    .orderBy("number")
    .compile(),
);
const advised = keptQuery((db, id) =>
  db
    .selectFrom("recommendation_finding")
    .innerJoin("finding", "finding.id", "recommendation_finding.finding_id")
    .select(["recommendation_id", "finding.number"])
    .where("finding.report_id", "=", id)
    .where("finding.deleted_at", "is", null)
    .orderBy("finding.number")
    .compile(),
);

/**
 * What the rules of quality look at, of one report, as it is now. Not for reports that two analysts code blind: the layer that would count
 * is one coder's own (see `mayBeJudged`).
 */
export async function readFile(db: Db | Tx, report: ReportOnFile, today: IsoDate): Promise<CaseOnFile> {
  const { id, counted_layer: layer } = report;
  const codebook = await codebookVersion(db, report.codebook_version);
  const order = new Map(codebook.factors.map(({ code }, at) => [code, at]));
  const tied = (await ties(db, id)).filter((one) => one.layer === layer);
  const passages = Map.groupBy(tied, ({ coding_id }) => coding_id);
  const basis = Map.groupBy(await restsOn(db, id), ({ finding_id }) => finding_id);
  const grounds = Map.groupBy(await advised(db, id), ({ recommendation_id }) => recommendation_id);
  return {
    today,
    state: report.state,
    sheet: {
      receivedOn: report.received_on,
      actDate: report.act_date,
      actKind: report.act_kind,
      department: report.department,
      court: report.court,
      proceedings: report.proceedings,
      dueOn: report.due_on,
      secondDirection: report.second_direction === 1,
    },
    people: await people(db, id),
    codebook,
    values: (await codings(db, id))
      .filter((one) => one.layer === layer)
      .sort((a, b) => order.get(a.factor)! - order.get(b.factor)!)
      .map(({ id: coding, layer: _, evidence_basis, known_when, ...value }) => ({
        ...value,
        basis: evidence_basis,
        knownWhen: known_when,
        passages: (passages.get(coding) ?? []).map(({ passage_id }) => passage_id),
      })),
    quotes: [...new Set(tied.map(({ quote }) => quote))],
    entries: (await entries(db, id)).map(({ updated_at, ...entry }) => ({ ...entry, writtenOn: dayOf(updated_at) })),
    findings: (await findings(db, id)).map(({ id: finding, public_statement, known_when, ...one }) => {
      const of = (what: "factor" | "passage" | "entry") =>
        (basis.get(finding) ?? []).filter((tie) => tie.what === what).map((tie) => tie.tied);
      return {
        ...one,
        publicStatement: public_statement,
        knownWhen: known_when,
        factors: of("factor"),
        passages: of("passage"),
        entries: of("entry"),
      };
    }),
    recommendations: (await recommendations(db, id)).map(({ id: recommendation, number, proof_expected, state, ...one }) => ({
      ...one,
      number: number!,
      proofExpected: proof_expected,
      draft: state === "draft",
      findings: (grounds.get(recommendation) ?? []).map((ground) => ground.number),
    })),
  };
}

/** Why a report is not judged: nobody may see what is coded blind, and what was set aside counts nowhere. */
export const notJudged = ({ coding_mode, state }: Pick<ReportTable, "coding_mode" | "state">): "blind" | "set_aside" | null =>
  coding_mode === "blind" ? "blind" : state === "set_aside" ? "set_aside" : null;

/** How many issues stop the findings of a report from going to review. No rule that stops looks at the day it is asked on (a test holds it). */
export const countStopping = async (db: Db | Tx, report: ReportOnFile): Promise<number> =>
  stoppingIssues(await readFile(db, report, report.received_on));
