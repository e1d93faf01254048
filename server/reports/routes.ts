import { Router } from "express";
import { z } from "zod";
import { newId } from "../../db/ids.ts";
import type { Db, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { REVERSE } from "../codebook/definition.ts";
import { renderPage } from "../documents/read-document.ts";
import type { Context } from "../http/context.ts";
import { Invalid, NotFound } from "../http/errors.ts";
import { choice, required, seenVersion, several } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { applyEvent, lockReport } from "./apply-event.ts";
import { correctSheetPage, newReportPage } from "./deposit-page.ts";
import { depositForm, PERSON_KINDS, peopleGiven, type SheetForm, sheetOf, sheetShape } from "./forms.ts";
import { registerReport, sheetColumns, storeDocument } from "./intake.ts";
import { reportListPage } from "./list-page.ts";
import { findPossibleDuplicates, findReport, listAssignments, mayReadDocument, type PossibleDuplicate, peopleOf } from "./queries.ts";
import { reportPage } from "./report-page.ts";
import { listStaged, type RefusedFile, stageFiles, takeStaged } from "./staging.ts";

const byId = z.object({ id: z.string() });
const listQuery = z.object({
  etat: z.string().catch(""),
  annee: z.string().catch(""),
  departement: z.string().catch(""),
  nature: z.string().catch(""),
  analyste: z.string().catch(""),
  q: z.string().trim().max(100).catch(""),
  tri: z.enum(["received", "act", "reference", "state"]).catch("received"),
  ordre: z.enum(["asc", "desc"]).catch("desc"),
  page: z.string().optional().transform(pageNumber),
});
const event = { id: z.string(), version: seenVersion() };
const asideForm = z.strictObject({ ...event, kind: choice(["duplicate", "out_of_scope", "unusable"]), reason: required(2000) });
const reopenForm = z.strictObject({ ...event, kind: choice(["judgment", "new_document", "error"]), reason: required(2000) });
const restoreForm = z.strictObject({ ...event, reason: required(2000) });
const documentForm = z.strictObject(event);
const sheetForm = z.strictObject({ ...event, ...sheetShape, bothDirections: several(1) });
const originalQuery = z.object({ id: z.string(), number: z.coerce.number().int().min(1).max(100_000).catch(0) });
const pageQuery = originalQuery.extend({
  page: z.coerce.number().int().min(1).max(100_000).catch(0),
  largeur: z.coerce.number().int().min(200).max(2000).catch(1200),
});

/** Files of a form, read and kept before the transaction; what a later step of the same request needs to know of them. */
type Received = { staged: string[]; refused: RefusedFile[]; duplicates: PossibleDuplicate[] };
const received = new WeakMap<Exchange, Received>();

const receiveFiles = async (exchange: Exchange, db: Db, before: readonly string[] = []): Promise<Received> => {
  const { staged, refused } = await stageFiles(db, exchange.files, {
    accountId: exchange.by.id,
    now: exchange.now,
    maxBytes: exchange.context.config.maxDocumentBytes,
  });
  // Of the files named by the form, those that are still kept for this person.
  const kept = [...(await listStaged(db, before, exchange.by.id)), ...staged].map(({ id }) => id);
  const got = { staged: kept, refused, duplicates: [] };
  received.set(exchange, got);
  return got;
};

/** Every refused file with its reason. */
const refusedMessage = (refused: readonly RefusedFile[], { t, language, context }: Exchange) => {
  const limit = Math.round(context.config.maxDocumentBytes / 1024 / 1024);
  const one = ({ fileName, reason }: RefusedFile) =>
    t("reports.new.fileRefused", { name: fileName, reason: t(`reports.refused.${reason}`, { limit }) });
  return {
    key: "reports.new.filesRefused" as const,
    params: { count: refused.length, list: refused.map(one).join(language === "fr" ? "\u202f; " : "; ") },
  };
};

/** Takes the staged files into a report, each with its history or with the report's own first entry. */
async function attachStaged(tx: Tx, reportId: string, ids: readonly string[], { by, now, audit }: Exchange): Promise<number[]> {
  const numbers: number[] = [];
  for (const file of await takeStaged(tx, ids, by.id)) {
    const { number } = await storeDocument(tx, { reportId, ...file, by, now });
    audit("document.added", "report", reportId, { document: number });
    numbers.push(number);
  }
  return numbers;
}

async function originalOf(db: Db, id: string, number: number, exchange: Exchange) {
  await findReport(db, id, exchange.by);
  const row = await db
    .selectFrom("document")
    .innerJoin("document_content", "document_content.document_id", "document.id")
    .select(["document.file_name", "document.media_type", "document.added_by", "document_content.bytes"])
    .where("report_id", "=", id)
    .where("number", "=", number)
    .executeTakeFirst();
  if (!row || !mayReadDocument(row, exchange.by)) throw new NotFound();
  return row;
}

/**
 * Whether this person is one of two who code a report blind. Such a one takes nothing off its sheet: what stands in the way would tell what the
 * other has coded.
 */
const codesBlind = async (tx: Tx, { id, coding_mode }: ReportTable, by: Actor): Promise<boolean> =>
  coding_mode === "blind" && (await listAssignments(tx, id)).some(({ analyst_id, layer }) => analyst_id === by.id && layer !== 3);

/**
 * Makes the people of a case those given. Whoever stays keeps their number and what is coded about them; a sex is corrected only where the
 * sheet has no other place for the person; somebody about whom values are coded or published, or whom the chronology names, is never taken away.
 * @param blind the sheet is corrected by one of two who code blind
 * @throws Invalid naming the field of the person who must stay
 */
async function correctPeople(tx: Tx, reportId: string, form: SheetForm, blind: boolean): Promise<void> {
  const stored = await peopleOf(tx, reportId);
  const given = peopleGiven(form);
  const codings = await tx.selectFrom("coding").select("subject").where("report_id", "=", reportId).distinct().execute();
  const published = await tx.selectFrom("edition_value").select("subject").where("report_id", "=", reportId).distinct().execute();
  const kept = new Set(blind ? [] : [...codings, ...published].map(({ subject }) => subject));
  const entries = await tx
    .selectFrom("chronology_entry")
    .select("person_id")
    .where("report_id", "=", reportId)
    .where("deleted_at", "is", null)
    .execute();
  const named = new Set(entries.map(({ person_id }) => person_id));
  for (const kind of PERSON_KINDS) {
    const wanted = given.filter((person) => person.kind === kind).map(({ sex }) => sex);
    const own = stored.filter((person) => person.kind === kind).sort((a, b) => Number(kept.has(b.id)) - Number(kept.has(a.id)));
    const left = own.filter(({ sex }) => {
      const at = wanted.indexOf(sex);
      if (at >= 0) wanted.splice(at, 1);
      return at < 0;
    });
    const numbers = new Set(own.map(({ number }) => number));
    for (const { id, sex: before, number } of left) {
      const sex = wanted.shift();
      if (sex) await tx.updateTable("person").set({ sex }).where("id", "=", id).execute();
      else if (blind) throw new Invalid({ [`${kind}_${before}`]: "reports.sheet.peopleBlind" });
      else if (kept.has(id)) throw new Invalid({ [`${kind}_${before}`]: "reports.sheet.peopleKept" });
      else if (named.has(id)) throw new Invalid({ [`${kind}_${before}`]: "reports.sheet.peopleInChronology" });
      else {
        // Entries that were taken away stay as rows; the person they named goes.
        await tx
          .updateTable("chronology_entry")
          .set({ person_id: null })
          .where("report_id", "=", reportId)
          .where("person_id", "=", id)
          .execute();
        await tx.deleteFrom("person").where("id", "=", id).execute();
        numbers.delete(number);
      }
    }
    for (const sex of wanted) {
      let number = 1;
      while (numbers.has(number)) number++;
      numbers.add(number);
      await tx.insertInto("person").values({ id: newId(), report_id: reportId, kind, number, sex }).execute();
    }
  }
}

/**
 * Asks for the history of violence in both directions, or in one alone.
 * @throws Invalid while the second direction is coded: nothing coded disappears with a tick
 */
async function correctDirections(tx: Tx, report: ReportTable, both: boolean, blind: boolean): Promise<void> {
  const reportId = report.id;
  if (blind && !both && report.second_direction === 1) throw new Invalid({ bothDirections: "reports.sheet.directionBlind" });
  const coded = both
    ? undefined
    : await tx
        .selectFrom("coding")
        .select("id")
        .where("report_id", "=", reportId)
        .where("subject", "=", REVERSE)
        .limit(1)
        .executeTakeFirst();
  if (coded) throw new Invalid({ bothDirections: "reports.sheet.directionKept" });
  await tx
    .updateTable("report")
    .set({ second_direction: both ? 1 : 0 })
    .where("id", "=", reportId)
    .execute();
}

/** Every URL of the reports themselves: list, deposit, one report, its documents and the events of the trunk. */
export function reportRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const formPage =
    (form: Parameters<typeof reportPage>[5]) =>
    async (db: Db, typed: Parameters<typeof reportPage>[3], problems: Record<string, string>, exchange: Exchange) =>
      reportPage(db, String(typed?.["id"]), exchange, typed, problems, form);

  return Router()
    .get(
      "/rapports",
      page(listQuery, "followReports", (db, input, exchange) => reportListPage(db, input, exchange)),
    )
    .get(
      "/rapports/nouveau",
      page(z.object({}), "depositReports", (db, _input, exchange) => newReportPage(db, null, {}, exchange)),
    )
    .post(
      "/rapports/nouveau",
      action(depositForm, "depositReports", {
        prepare: async ({ staged, actDate, court, department, notDuplicate }, exchange, db) => {
          const got = await receiveFiles(exchange, db, staged);
          if (!notDuplicate) {
            const digests = (await listStaged(db, got.staged, exchange.by.id)).map(({ digest }) => digest);
            got.duplicates = await findPossibleDuplicates(db, { actDate, court, department, digests });
          }
        },
        run: async (tx, { staged: _staged, notDuplicate, ...form }, exchange) => {
          const { by, now, t, audit } = exchange;
          const got = received.get(exchange)!;
          const sheet = sheetOf(form, dayOf(now));
          sheetColumns(sheet);
          if (got.refused.length > 0) throw new Invalid({ documents: refusedMessage(got.refused, exchange) });
          if (got.staged.length === 0) throw new Invalid({ documents: "reports.new.aDocument" });
          if (got.duplicates.length > 0 && !notDuplicate) throw new Invalid({ notDuplicate: "reports.new.confirmDuplicate" });
          const id = await registerReport(tx, sheet, peopleGiven(form), by, now);
          audit("report.registered", "report", id);
          await attachStaged(tx, id, got.staged, exchange);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.new.done", { id }) } };
        },
        again: async (db, typed, problems, exchange) => {
          // Fields that could not be read stop before `prepare`: the files are received all the same.
          const before = [typed["staged"] ?? []].flat();
          const got = received.get(exchange) ?? (await receiveFiles(exchange, db, before));
          const refused =
            got.refused.length > 0 && !problems["documents"]
              ? { documents: exchange.t("reports.new.filesRefused", refusedMessage(got.refused, exchange).params) }
              : {};
          return newReportPage(db, typed, { ...problems, ...refused }, exchange, got.staged, got.duplicates);
        },
      }),
    )
    .get(
      "/rapports/:id",
      page(byId, "followReports", (db, { id }, exchange) => reportPage(db, id, exchange)),
    )
    .get(
      "/rapports/:id/fiche",
      page(byId, "readCases", async (db, { id }, exchange) => {
        exchange.audit("report.read", "report", id);
        return correctSheetPage(db, await findReport(db, id, exchange.by), null, {}, exchange);
      }),
    )
    .post(
      "/rapports/:id/fiche",
      action(sheetForm, "readCases", {
        run: async (tx, { id, version, bothDirections, ...form }, { by, now, t, audit }) => {
          const report = await lockReport(tx, id, by);
          const columns = sheetColumns(sheetOf(form, dayOf(now)));
          await applyEvent(tx, { reportId: id, seenVersion: version, event: { type: "SHEET_CORRECTED", by }, now });
          await tx.updateTable("report").set(columns).where("id", "=", id).execute();
          const blind = await codesBlind(tx, report, by);
          await correctPeople(tx, id, form, blind);
          await correctDirections(tx, report, bothDirections.includes("oui"), blind);
          audit("report.corrected", "report", id);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.sheet.done") } };
        },
        again: async (db, typed, problems, exchange) =>
          correctSheetPage(db, await findReport(db, String(typed["id"]), exchange.by), typed, problems, exchange),
      }),
    )
    .post(
      "/rapports/:id/documents",
      action(documentForm, "followReports", {
        prepare: async ({ id }, exchange, db) => {
          await findReport(db, id, exchange.by);
          await receiveFiles(exchange, db);
        },
        run: async (tx, { id, version }, exchange) => {
          const { by, now, t } = exchange;
          const got = received.get(exchange)!;
          if (got.refused.length > 0) throw new Invalid({ documents: refusedMessage(got.refused, exchange) });
          if (got.staged.length === 0) throw new Invalid({ documents: "reports.new.aDocument" });
          await lockReport(tx, id, by);
          let seen = version;
          for (const staged of got.staged) {
            const [number] = await attachStaged(tx, id, [staged], exchange);
            ({ version: seen } = await applyEvent(tx, {
              reportId: id,
              seenVersion: seen,
              event: { type: "DOCUMENT_ADDED", by },
              now,
              detail: { document: number! },
            }));
          }
          return { to: `/rapports/${id}#documents-title`, flash: { tone: "success", text: t("reports.documents.added") } };
        },
        again: formPage("document"),
      }),
    )
    .get(
      "/rapports/:id/documents/:number/original",
      page(originalQuery, "followReports", async (db, { id, number }, exchange) => {
        const row = await originalOf(db, id, number, exchange);
        exchange.audit("document.downloaded", "report", id, { document: number });
        return {
          kind: "file",
          type: row.media_type.startsWith("text/") ? "text/plain; charset=utf-8" : row.media_type,
          name: row.file_name,
          bytes: row.bytes,
        };
      }),
    )
    .get(
      "/rapports/:id/documents/:number/pages/:page.png",
      page(pageQuery, "followReports", async (db, { id, number, page: pageNumber, largeur }, exchange) => {
        const row = await originalOf(db, id, number, exchange);
        const picture = row.media_type === "application/pdf" ? await renderPage(row.bytes, pageNumber, largeur) : null;
        if (!picture) throw new NotFound();
        exchange.audit("document.page-read", "report", id, { document: number, page: pageNumber });
        return { kind: "file", type: "image/png", name: null, bytes: picture, inline: true };
      }),
    )
    .post(
      "/rapports/:id/ecarter",
      action(asideForm, "followReports", {
        run: async (tx, { id, version, kind, reason }, { by, now, t, audit }) => {
          await applyEvent(tx, {
            reportId: id,
            seenVersion: version,
            event: { type: "REPORT_SET_ASIDE", by, reason: `${t(`reports.aside.kinds.${kind}`)} : ${reason}` },
            now,
            detail: { kind },
          });
          audit("report.set-aside", "report", id);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.aside.done") } };
        },
        again: formPage("aside"),
      }),
    )
    .post(
      "/rapports/:id/reprendre",
      action(restoreForm, "followReports", {
        run: async (tx, { id, version, reason }, { by, now, t, audit }) => {
          await applyEvent(tx, { reportId: id, seenVersion: version, event: { type: "REPORT_RESTORED", by, reason }, now });
          // The sheet and the coding may change from here: what was approved is decided again.
          await tx.updateTable("finding").set({ status: "draft" }).where("report_id", "=", id).where("status", "=", "approved").execute();
          audit("report.restored", "report", id);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.restore.done") } };
        },
        again: formPage("restore"),
      }),
    )
    .post(
      "/rapports/:id/rouvrir",
      action(reopenForm, "followReports", {
        run: async (tx, { id, version, kind, reason }, { by, now, t, audit }) => {
          await applyEvent(tx, {
            reportId: id,
            seenVersion: version,
            event: { type: "REPORT_REOPENED", by, reason: `${t(`reports.reopen.kinds.${kind}`)} : ${reason}` },
            now,
            detail: { kind },
          });
          // A later publication rests on decisions of its own.
          await tx
            .updateTable("finding")
            .set({ status: "draft" })
            .where("report_id", "=", id)
            .where("status", "!=", "draft")
            .where("deleted_at", "is", null)
            .execute();
          audit("report.reopened", "report", id);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.reopen.done") } };
        },
        again: formPage("reopen"),
      }),
    );
}
