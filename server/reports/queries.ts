import { type SelectQueryBuilder, sql } from "kysely";
import { contains } from "../../db/dialect.ts";
import type {
  ActKind,
  AssignmentTable,
  Db,
  DocumentTable,
  PersonTable,
  ReportEventTable,
  ReportTable,
  Schema,
  Tx,
} from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { ReportState } from "../../workflows/report.decide.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { NotFound } from "../http/errors.ts";
import { foldText } from "./fold.ts";

/** Whether a report exists for this person: any for those who work on cases, their own deposits for correspondents. */
export const mayRead = (report: Pick<ReportTable, "deposited_by">, by: Actor): boolean =>
  may(by, "readCases") || (may(by, "readOwnDeposits") && report.deposited_by === by.id);

/** Whether a document of a readable report is open to this person: what the observatory adds to a deposit is not the depositor's. */
export const mayReadDocument = (document: Pick<DocumentTable, "added_by">, by: Actor): boolean =>
  may(by, "readCases") || document.added_by === by.id;

/** A report that this person may read. @throws NotFound otherwise */
export async function findReport(db: Db | Tx, id: string, by: Actor): Promise<ReportTable> {
  const report = await db.selectFrom("report").selectAll().where("id", "=", id).where("held", "=", 0).executeTakeFirst();
  if (!report || !mayRead(report, by)) throw new NotFound();
  return report;
}

const KINDS = ["victim", "perpetrator", "child"] as const;
/** The people of a case: victims, perpetrators, children, each in the order of their numbers. */
export async function peopleOf(db: Db | Tx, reportId: string): Promise<PersonTable[]> {
  const people = await db.selectFrom("person").selectAll().where("report_id", "=", reportId).orderBy("number").execute();
  return people.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.number - b.number);
}

export type DocumentLine = Omit<DocumentTable, "text" | "blocks" | "pages">;
/** The documents of a report without their texts, by number. */
export const listDocuments = (db: Db | Tx, reportId: string): Promise<DocumentLine[]> =>
  db
    .selectFrom("document")
    .select([
      "id",
      "report_id",
      "number",
      "file_name",
      "media_type",
      "byte_count",
      "digest",
      "has_text",
      "page_count",
      "added_by",
      "added_at",
    ])
    .where("report_id", "=", reportId)
    .orderBy("number")
    .execute();

/** Who a report is assigned to now, by layer. */
export const listAssignments = (db: Db | Tx, reportId: string): Promise<(AssignmentTable & { name: string })[]> =>
  db
    .selectFrom("assignment")
    .innerJoin("account", "account.id", "assignment.analyst_id")
    .selectAll("assignment")
    .select("account.name")
    .where("report_id", "=", reportId)
    .where("ended_at", "is", null)
    .orderBy("layer")
    .execute();

export type ReportSort = "received" | "act" | "reference" | "state";
export type ReportFilter = {
  state: ReportState | null;
  year: number | null; // of the act
  department: string | null;
  region: string | null;
  actKind: ActKind | null;
  /** Account of the analyst it is assigned to; "none" for reports nobody has. */
  analyst: string | null;
  text: string | null; // receipt number or issuing service
  depositedBy: string | null;
  sort: ReportSort;
  descending: boolean;
  page: number;
};
export const REPORTS_PER_PAGE = 50;

const matching = (db: Db | Tx, f: ReportFilter) => {
  let q = db.selectFrom("report").where("report.held", "=", 0);
  if (f.state) q = q.where("report.state", "=", f.state);
  if (f.year) q = q.where("report.act_date", ">=", `${f.year}-01-01`).where("report.act_date", "<=", `${f.year}-12-31`);
  if (f.department) q = q.where("report.department", "=", f.department);
  if (f.region) q = q.where("report.region", "=", f.region);
  if (f.actKind) q = q.where("report.act_kind", "=", f.actKind);
  if (f.depositedBy) q = q.where("report.deposited_by", "=", f.depositedBy);
  const wanted = f.text ? foldText(f.text) : "";
  if (wanted) q = q.where((or) => or.or([contains(sql`report.id`, wanted), contains(sql`report.service_folded`, wanted)]));
  if (f.analyst === "none")
    q = q.where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("assignment")
            .select("assignment.id")
            .whereRef("assignment.report_id", "=", "report.id")
            .where("ended_at", "is", null),
        ),
      ),
    );
  else if (f.analyst)
    q = q.where((e) =>
      e.exists(
        e
          .selectFrom("assignment")
          .select("assignment.id")
          .whereRef("assignment.report_id", "=", "report.id")
          .where("ended_at", "is", null)
          .where("analyst_id", "=", f.analyst),
      ),
    );
  return q as SelectQueryBuilder<Schema, "report", object>;
};

const SORTS = { received: "report.received_on", act: "report.act_date", reference: "report.id", state: "report.state" } as const;

/** One page of the reports that the filter lets through; ties by receipt number, newest first. */
export async function listReports(db: Db | Tx, filter: ReportFilter) {
  const direction = filter.descending ? "desc" : "asc";
  const rows = await matching(db, filter)
    .select([
      "report.id", "report.state", "report.received_on", "report.act_date", "report.act_kind", "report.department", "report.court",
      "report.issuing_service", "report.priority", "report.due_on",
    ]) // biome-ignore format: a list
    .orderBy(SORTS[filter.sort], direction)
    .$if(filter.sort !== "reference", (q) => q.orderBy("report.id", direction))
    .limit(REPORTS_PER_PAGE)
    .offset((filter.page - 1) * REPORTS_PER_PAGE)
    .execute();
  if (rows.length === 0) return [];
  const analysts = await db
    .selectFrom("assignment")
    .innerJoin("account", "account.id", "assignment.analyst_id")
    .select(["assignment.report_id", "account.name"])
    .where("ended_at", "is", null)
    .where(
      "assignment.report_id",
      "in",
      rows.map(({ id }) => id),
    )
    .orderBy("layer")
    .execute();
  const names = Map.groupBy(analysts, ({ report_id }) => report_id);
  return rows.map((row) => ({ ...row, analysts: (names.get(row.id) ?? []).map(({ name }) => name) }));
}

type Remembered = { upTo: string; at: number; answers: Map<string, unknown> };
const remembered = new WeakMap<object, Remembered>();
const KEPT_MS = 10_000;
const ANSWERS_KEPT = 300;

/**
 * Remembers an answer about the list of reports until the next event: what the list shows of reports changes only with one, or
 * with an act on an import, which lets reports exist or takes them back. Names of
 * accounts change without, and on PostgreSQL an event of a lower number may be committed after a higher one was seen: hence the ten seconds.
 */
export async function untilNextEvent<Answer>(db: Db, question: string, answer: () => Promise<Answer>): Promise<Answer> {
  const row = await db
    .selectFrom("report_event")
    .select((e) => [
      e.fn.max("id").as("upTo"),
      e
        .selectFrom("report_import")
        .select((of) => of.fn.sum("version").as("acts"))
        .as("imports"),
    ])
    .executeTakeFirstOrThrow();
  const upTo = `${row.upTo} ${row.imports}`;
  const now = performance.now();
  let known = remembered.get(db);
  if (!known || known.upTo !== upTo || now - known.at > KEPT_MS || known.answers.size > ANSWERS_KEPT) {
    known = { upTo, at: now, answers: new Map() };
    remembered.set(db, known);
  }
  if (!known.answers.has(question)) known.answers.set(question, await answer());
  return known.answers.get(question) as Answer;
}

/** How many reports the filter lets through, whatever the page and the order; counted once between two events. */
export async function totalOfReports(db: Db, { page: _, sort: __, descending: ___, ...scope }: ReportFilter): Promise<number> {
  return untilNextEvent(db, JSON.stringify(scope), () => countReports(db, { ...scope, sort: "received", descending: true, page: 1 }));
}

export async function countReports(db: Db | Tx, filter: ReportFilter): Promise<number> {
  const { n } = await matching(db, filter)
    .select((e) => e.fn.countAll().as("n"))
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Events whose reason may say what a coding holds. */
const JUDGING: readonly string[] = [
  "CODING_RESUMED",
  "CODING_RETURNED",
  "FINDINGS_RESUMED",
  "FINDINGS_RETURNED",
  "FINDING_APPROVED",
  "FINDING_RETURNED",
  "FINDING_EDITS_PROPOSED",
  "FINDING_EDITS_DECLINED",
  "PUBLIC_STATEMENT_CONFIRMED",
  "FINDING_CORRECTION_PROPOSED",
  "FINDING_CORRECTED",
  "FINDING_CORRECTION_DECLINED",
  "FINDING_WITHDRAWN",
] satisfies ReportEvent["type"][];

/**
 * Whose reasons of a report's history somebody is told. While two code blind, whoever has one of the codings is told neither why the other
 * one was reopened, nor what was said of a coding before theirs was given to them.
 */
export async function reasonsToldTo(
  db: Db | Tx,
  report: Pick<ReportTable, "id" | "coding_mode">,
  by: Pick<Actor, "id">,
): Promise<(event: Pick<ReportEventTable, "type" | "by" | "at" | "detail">) => boolean> {
  if (report.coding_mode !== "blind") return () => true;
  const own = (await listAssignments(db, report.id)).find(({ analyst_id }) => analyst_id === by.id);
  if (!own) return () => true;
  return (event) => {
    if (event.by === by.id) return true;
    if (event.type === "LAYER_REOPENED")
      return own.layer === 3 || (JSON.parse(event.detail ?? "{}") as { layer?: number }).layer === own.layer;
    return !JUDGING.includes(event.type) || event.at >= own.assigned_at;
  };
}

/** The whole history of a report, newest first, with the names of those who acted. */
export const listHistory = (db: Db | Tx, reportId: string) =>
  db
    .selectFrom("report_event")
    .innerJoin("account", "account.id", "report_event.by")
    .selectAll("report_event")
    .select("account.name")
    .where("report_id", "=", reportId)
    .orderBy("version", "desc")
    .execute();

export type PossibleDuplicate = { id: string; actDate: string; department: string; court: string; why: "same-document" | "near" };
/**
 * Reports that may be about the same act: one of these document digests, or an act within three days in the same court's district or
 * département.
 */
export async function findPossibleDuplicates(
  db: Db | Tx,
  given: { actDate: string; court: string; department: string; digests: readonly string[]; except?: string },
): Promise<PossibleDuplicate[]> {
  const day = (shift: number) => new Date(Date.parse(`${given.actDate}T00:00:00Z`) + shift * 86_400_000).toISOString().slice(0, 10);
  const near = await db
    .selectFrom("report")
    .select(["id", "act_date", "department", "court"])
    .where("held", "=", 0)
    .where("act_date", ">=", day(-3))
    .where("act_date", "<=", day(3))
    .where((or) => or.or([or("court", "=", given.court), or("department", "=", given.department)]))
    .orderBy("id")
    .execute();
  const same =
    given.digests.length === 0
      ? []
      : await db
          .selectFrom("document")
          .innerJoin("report", "report.id", "document.report_id")
          .select(["report.id", "report.act_date", "report.department", "report.court"])
          .where("report.held", "=", 0)
          .where("document.digest", "in", [...given.digests])
          .distinct()
          .execute();
  const found = new Map<string, PossibleDuplicate>();
  for (const [rows, why] of [
    [near, "near"],
    [same, "same-document"],
  ] as const)
    for (const row of rows)
      if (row.id !== given.except)
        found.set(row.id, { id: row.id, actDate: row.act_date, department: row.department, court: row.court, why });
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
