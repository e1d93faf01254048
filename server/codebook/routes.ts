import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { Conflict, Invalid, NotFound } from "../http/errors.ts";
import { choice, optional, type Problems, required, seenVersion, several, type Typed, text } from "../http/fields.ts";
import { instant } from "../http/formats.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import type { View } from "../http/views.ts";
import { happenedSince, lockReport } from "../reports/apply-event.ts";
import { fatesOf, RULES } from "./crosswalk.ts";
import { APPLIES_TO, type CodebookDefinition, FACTOR_TYPES, OPTIONS_REFS, type Problem } from "./definition.ts";
import {
  crosswalkForm,
  DRAFTS,
  type DraftForm,
  differences,
  draftHref,
  factorForm,
  factorHref,
  headOf,
  listOfDrafts,
  mergeForm,
  oneDraft,
  sectionsForm,
} from "./draft-pages.ts";
import { changeDraft, createDraft, findDraft, publishDraft, seen } from "./drafts.ts";
import {
  addFactor,
  decideFate,
  mergeFactors,
  partDigest,
  placeOf,
  restoreFactor,
  retireFactor,
  saveFactor,
  saveHead,
  saveSections,
  splitFactor,
} from "./edit.ts";
import { codebook, exportCodebook, factorPage, fileOf, publishedVersion } from "./pages.ts";
import { oneProposal, proposalsPage } from "./proposal-pages.ts";
import { commentProposal, decideProposal, PROPOSAL_STATUSES, proposalAddress, propose } from "./proposals.ts";
import { digestOf, readCodebookText, textOf } from "./read-file.ts";
import { excuseTask, passToVersion } from "./recode.ts";
import { recodeProgress, reportVersion } from "./recode-pages.ts";
import { codebookVersion, currentCodebook, listVersions } from "./store.ts";

const version = z.string().max(60).optional().catch(undefined);
const code = z.string().max(60);
const draft = z.string().max(60);
const proposal = z.string().max(60);
const id = z.string().max(40);
const many = () => several(120);
/** A published codebook holds a tenth of this. */
const LONGEST_FILE = 1_000_000;
const LABEL = 300;
const DEFINITION = 5_000;

const headForm = z.strictObject({
  draft,
  seen: text(64),
  titleFr: text(LABEL),
  titleEn: text(LABEL),
  unitOfAnalysisFr: text(DEFINITION),
  noteFr: optional(DEFINITION),
});
const addForm = z.strictObject({
  draft,
  code: required(60),
  labelFr: required(LABEL),
  labelEn: text(LABEL),
  section: required(60),
  type: choice(FACTOR_TYPES as [(typeof FACTOR_TYPES)[number], ...(typeof FACTOR_TYPES)[number][]]),
  appliesTo: choice(APPLIES_TO as [(typeof APPLIES_TO)[number], ...(typeof APPLIES_TO)[number][]]),
});
const factorInput = z.strictObject({
  draft,
  factor: code,
  seen: text(64),
  labelFr: text(LABEL),
  labelEn: text(LABEL),
  definitionFr: text(DEFINITION),
  includeFr: optional(DEFINITION),
  excludeFr: optional(DEFINITION),
  exampleFr: optional(DEFINITION),
  type: addForm.shape.type,
  appliesTo: addForm.shape.appliesTo,
  section: required(60),
  after: text(60).optional(),
  optionsRef: z.union([z.literal("").transform(() => null), choice(OPTIONS_REFS)]).optional(),
  unit: optional(60),
  riskFactor: many(),
  sensitive: optional(60),
  disclosure: optional(60),
  availableFrom: optional(20),
  terms: text(DEFINITION),
  sourceRefs: many(),
  option_was: many(),
  option_code: many(),
  option_label_fr: many(),
  option_label_en: many(),
  option_definition_fr: many(),
  option_position: many(),
});
const splitForm = z.strictObject({
  draft,
  factor: code,
  note: text(2_000),
  part_code: many(),
  part_label_fr: many(),
  part_label_en: many(),
});
const mergeInput = z.strictObject({
  draft,
  merged: many(),
  code: required(60),
  labelFr: text(LABEL),
  labelEn: text(LABEL),
  note: text(2_000),
});
const sectionsInput = z.strictObject({
  draft,
  seen: text(64),
  section_was: many(),
  section_code: many(),
  section_label_fr: many(),
  section_label_en: many(),
  section_note_fr: many(),
  section_position: many(),
});
/** What becomes of each value: which factor follows, which value, what it becomes ("": coded again), line by line. */
const fateInput = z.strictObject({
  draft,
  factor: code,
  seen: text(64),
  rule: choice(RULES),
  to: several(6),
  note: text(2_000),
  value_to: several(600),
  value_from: several(600),
  value_becomes: several(600),
});
const publishForm = z.strictObject({ draft, version: required(60), note: required(5_000) });
const fileForm = z.strictObject({ source: z.string().max(LONGEST_FILE, "http.invalid.long").optional() });
const title = required(200);
const body = required(5_000);

/** A line of a form that repeats: the place is the order it is given, that of the page where none is. */
const ordered = <Row>(rows: readonly Row[], positions: readonly string[]): Row[] =>
  rows
    .map((row, at) => ({ row, place: Number.parseFloat((positions[at] ?? "").replace(",", ".")) }))
    .map((one, at) => ({ ...one, place: Number.isFinite(one.place) ? one.place : at + 1, at }))
    .sort((a, b) => a.place - b.place || a.at - b.at)
    .map(({ row }) => row);
const trimmed = (list: readonly string[], at: number): string => (list[at] ?? "").replace(/\s+/g, " ").normalize("NFC").trim();

/** What a file holds, kept with the exchange from its reading to the transaction. */
const readings = new WeakMap<Exchange, CodebookDefinition>();
/** The lines of a file that cannot be taken: what the page shows beside the form that comes back. */
const wrongLines = new WeakMap<Exchange, { problems: Problem[]; text: string }>();

/** Reads the file or the text sent. @throws Invalid: the lines that are wrong are kept for the page */
function readSent({ source }: { source?: string | undefined }, exchange: Exchange): void {
  const [file] = exchange.files;
  if (!file && !source?.trim()) throw new Invalid({ file: "codebook.import.nothing" });
  if (file && file.bytes.length > LONGEST_FILE) throw new Invalid({ file: "codebook.import.tooLong" });
  const said = file ? textOf(file.bytes) : source!.replace(/\r\n?/g, "\n");
  if (said === null) throw new Invalid({ file: "codebook.import.noText" });
  const read = readCodebookText(said);
  if (read.kind === "problems") {
    wrongLines.set(exchange, { problems: read.problems, text: said });
    throw new Invalid({ [file ? "file" : "source"]: { key: "codebook.import.wrong", params: { count: read.problems.length } } });
  }
  readings.set(exchange, read.definition);
}
/** What comes back to be corrected: the text of the file in the place where it can be typed over. */
const withText = (typed: Typed, exchange: Exchange): Typed => ({
  ...typed,
  ...(wrongLines.has(exchange) && { source: wrongLines.get(exchange)!.text }),
});

/** Every URL of this room. */
export function codebookRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const at = (path: string) => `${DRAFTS}/:draft${path}`;
  const string = (typed: Typed, name: string) => (typeof typed[name] === "string" ? typed[name] : "");

  const draftAgain =
    (form: DraftForm) =>
    (db: Db, typed: Typed, problems: Problems, exchange: Exchange): Promise<View> =>
      oneDraft(db, string(typed, "draft"), form, withText(typed, exchange), problems, wrongLines.get(exchange)?.problems ?? [], exchange);
  const factorAgain =
    (form: "save" | "retire" | "split") =>
    (db: Db, typed: Typed, problems: Problems, exchange: Exchange): Promise<View> =>
      factorForm(db, string(typed, "draft"), string(typed, "factor"), form, typed, problems, exchange);
  const draftsAgain = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    listOfDrafts(db, withText(typed, exchange), problems, wrongLines.get(exchange)?.problems ?? [], exchange);
  const saved = (exchange: Exchange, to: string, more: object = {}) => ({
    to,
    flash: { tone: "success" as const, text: exchange.t("codebook.draft.saved") },
    json: { at: instant(exchange.now, exchange.language), ...more },
  });

  const router = Router()
    .get("/grille", page(z.object({ q: z.string().trim().max(200).catch(""), version }), "readCodebook", codebook))
    .get(
      "/grille/export.yaml",
      page(z.object({ version }), "readCodebook", (db, input) => exportCodebook(db, input, "yaml")),
    )
    .get(
      "/grille/export.csv",
      page(z.object({ version }), "readCodebook", (db, input) => exportCodebook(db, input, "csv")),
    )
    .get("/grille/versions/:version", page(z.object({ version: z.string().max(60) }), "readCodebook", publishedVersion));

  // --- proposals ---
  router
    .get(
      "/grille/propositions",
      page(z.object({ etat: z.enum(PROPOSAL_STATUSES).optional().catch(undefined) }), "readCodebook", (db, { etat }, exchange) =>
        proposalsPage(db, etat ?? null, null, {}, exchange),
      ),
    )
    .post(
      "/grille/propositions",
      action(
        z.strictObject({ version: z.string().max(60), factor: optional(60), from: z.literal("entry").optional(), title, body }),
        "readCases",
        {
          run: async (tx, { from: _, ...input }, { by, now, t, audit }) => {
            const made = await propose(tx, input, by, now);
            audit("codebook.proposed", "codebook_proposal", made);
            return { to: proposalAddress(made), flash: { tone: "success", text: t("codebook.proposal.sent") } };
          },
          again: async (db, typed, problems, exchange) => {
            const known = (await listVersions(db)).some((one) => one.version === typed.version);
            const definition = known ? await codebookVersion(db, string(typed, "version")) : null;
            // The form of a factor comes back on the factor's page.
            if (typed.from === "entry" && definition?.factors.some((one) => one.code === typed.factor))
              return factorPage(db, { factor: string(typed, "factor"), version: string(typed, "version") }, typed, problems, exchange);
            return proposalsPage(db, null, typed, problems, exchange);
          },
        },
      ),
    )
    .get(
      "/grille/propositions/:proposal",
      page(z.object({ proposal }), "readCodebook", (db, input, exchange) => oneProposal(db, input.proposal, null, {}, exchange)),
    )
    .post(
      "/grille/propositions/:proposal/avis",
      action(z.strictObject({ proposal, parent: optional(60), body }), "readCodebook", {
        run: async (tx, input, { by, now, t, audit }) => {
          const made = await commentProposal(tx, input, by, now);
          audit("codebook.commented", "codebook_proposal", input.proposal);
          return { to: `${proposalAddress(input.proposal)}#${made}`, flash: { tone: "success", text: t("codebook.proposal.said") } };
        },
        again: (db, typed, problems, exchange) => oneProposal(db, string(typed, "proposal"), typed, problems, exchange),
      }),
    )
    .post(
      "/grille/propositions/:proposal/decision",
      action(
        z.strictObject({ proposal, decision: choice(["accepted", "declined"]), reason: optional(2_000), draft: optional(60) }),
        "administer",
        {
          run: async (tx, input, { by, now, t, audit }) => {
            await decideProposal(tx, input, by, now);
            audit(`codebook.proposal-${input.decision}`, "codebook_proposal", input.proposal);
            return { to: proposalAddress(input.proposal), flash: { tone: "success", text: t("codebook.proposal.done") } };
          },
          again: (db, typed, problems, exchange) => oneProposal(db, string(typed, "proposal"), typed, problems, exchange),
        },
      ),
    );

  // --- reports of earlier versions ---
  router
    .get(
      "/grille/recodage",
      page(
        z.object({
          version,
          etat: z.enum(["waiting", "done", "not_needed"]).optional().catch(undefined),
          page: z.string().optional().catch(undefined),
        }),
        "readCases",
        (db, input, exchange) =>
          recodeProgress(db, { version: input.version, status: input.etat ?? null, page: pageNumber(input.page) }, exchange),
      ),
    )
    .get(
      "/rapports/:id/version",
      page(z.object({ id }), "readCases", (db, input, exchange) => reportVersion(db, input.id, null, {}, exchange)),
    )
    .post(
      "/rapports/:id/version",
      action(z.strictObject({ id, to: z.string().max(60), version: seenVersion() }), "readCases", {
        run: async (tx, input, { by, now, t, audit }) => {
          const report = await lockReport(tx, input.id, by);
          if (report.version !== input.version)
            throw new Conflict<Db>((db, language) => happenedSince(db, input.id, input.version, language), `/rapports/${input.id}/version`);
          const { from } = await passToVersion(tx, { reportId: input.id, to: input.to }, by, now);
          audit("report.passed-to-version", "report", input.id, { from, to: input.to });
          return {
            to: `/rapports/${input.id}/version`,
            flash: { tone: "success", text: t("codebook.recode.flash", { version: input.to }) },
          };
        },
        again: (db, typed, problems, exchange) => reportVersion(db, string(typed, "id"), typed, problems, exchange),
      }),
    )
    .post(
      "/rapports/:id/version/dispense",
      action(z.strictObject({ id, to: z.string().max(60), reason: required(2_000) }), "assignReports", {
        run: async (tx, input, { by, now, t, audit }) => {
          await excuseTask(tx, { reportId: input.id, version: input.to, reason: input.reason }, by, now);
          audit("report.recode-excused", "report", input.id);
          return { to: `/rapports/${input.id}/version`, flash: { tone: "success", text: t("codebook.recode.excusedFlash") } };
        },
        again: (db, typed, problems, exchange) => reportVersion(db, string(typed, "id"), typed, problems, exchange),
      }),
    )
    .post(
      "/rapports/:id/version/reprise",
      action(z.strictObject({ id, to: z.string().max(60) }), "assignReports", {
        run: async (tx, input, { by, now, t, audit }) => {
          await excuseTask(tx, { reportId: input.id, version: input.to, reason: null }, by, now);
          audit("report.recode-asked", "report", input.id);
          return { to: `/rapports/${input.id}/version`, flash: { tone: "success", text: t("codebook.recode.askedFlash") } };
        },
        again: (db, typed, problems, exchange) => reportVersion(db, string(typed, "id"), typed, problems, exchange),
      }),
    );

  // --- drafts ---
  router
    .get(
      DRAFTS,
      page(z.object({}), "administer", (db, _, exchange) => listOfDrafts(db, null, {}, [], exchange)),
    )
    .post(
      DRAFTS,
      action(z.strictObject({ base: required(60), version: required(60) }), "administer", {
        run: async (tx, input, { by, now, t, audit }) => {
          const made = await createDraft(tx, { ...input, definition: null }, by, now);
          audit("codebook.draft-started", "codebook_draft", made);
          return { to: draftHref(made), flash: { tone: "success", text: t("codebook.draft.started") } };
        },
        again: draftsAgain,
      }),
    )
    .post(
      `${DRAFTS}/importer`,
      action(fileForm, "administer", {
        prepare: async (input, exchange, db) => {
          readSent(input, exchange);
          const definition = readings.get(exchange)!;
          const digest = digestOf(definition);
          for (const one of await listVersions(db))
            if (digestOf(await codebookVersion(db, one.version)) === digest)
              throw new Invalid({ file: { key: "codebook.import.known", params: { version: one.version } } });
        },
        run: async (tx, _, exchange) => {
          const base = await currentCodebook(tx);
          const made = await createDraft(
            tx,
            { base: base.version, definition: readings.get(exchange)!, version: null },
            exchange.by,
            exchange.now,
          );
          exchange.audit("codebook.draft-imported", "codebook_draft", made);
          return { to: draftHref(made), flash: { tone: "success", text: exchange.t("codebook.draft.started") } };
        },
        again: draftsAgain,
      }),
    )
    .get(
      at(""),
      page(z.object({ draft }), "administer", (db, input, exchange) => oneDraft(db, input.draft, null, null, {}, [], exchange)),
    )
    .get(
      at("/export.yaml"),
      page(z.object({ draft }), "administer", async (db, input) => {
        const found = await findDraft(db, input.draft);
        return fileOf({ ...found.definition, version: found.version, status: "draft" }, "yaml", found.version);
      }),
    )
    .get(
      at("/export.csv"),
      page(z.object({ draft }), "administer", async (db, input) => {
        const found = await findDraft(db, input.draft);
        return fileOf({ ...found.definition, version: found.version, status: "draft" }, "csv", found.version);
      }),
    )
    .post(
      at("/entete"),
      action(headForm, "administer", {
        run: async (tx, { draft: of, seen: digest, ...given }, exchange) => {
          const changed = await changeDraft(tx, of, exchange.by, exchange.now, (one) => {
            seen(one, headOf(one.definition), digest);
            saveHead(one, given);
          });
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, draftHref(of), { seen: partDigest(headOf(changed.definition)) });
        },
        again: draftAgain("head"),
      }),
    )
    .post(
      at("/facteurs"),
      action(addForm, "administer", {
        run: async (tx, { draft: of, ...given }, exchange) => {
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => addFactor(one, given, one.base));
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, factorHref(of, given.code));
        },
        again: draftAgain("add"),
      }),
    )
    .post(
      at("/remplacer"),
      action(fileForm.extend({ draft }), "administer", {
        prepare: async (input, exchange) => readSent(input, exchange),
        run: async (tx, { draft: of }, exchange) => {
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => {
            one.definition = readings.get(exchange)!;
          });
          exchange.audit("codebook.draft-replaced", "codebook_draft", of);
          return saved(exchange, draftHref(of));
        },
        again: draftAgain("replace"),
      }),
    )
    .post(
      at("/publier"),
      action(publishForm, "administer", {
        run: async (tx, { draft: of, ...given }, { by, now, t, audit }) => {
          const published = await publishDraft(tx, of, given, by, now);
          audit("codebook.published", "codebook_version", published.version);
          return {
            to: `/grille/versions/${published.version}`,
            flash: { tone: "success", text: t("codebook.draft.publishedFlash", { version: published.version }) },
          };
        },
        again: draftAgain("publish"),
      }),
    )
    .post(
      at("/abandonner"),
      action(z.strictObject({ draft }), "administer", {
        run: async (tx, { draft: of }, { by, now, t, audit }) => {
          await changeDraft(tx, of, by, now, (one) => {
            one.status = "abandoned";
          });
          audit("codebook.draft-abandoned", "codebook_draft", of);
          return { to: DRAFTS, flash: { tone: "success", text: t("codebook.draft.abandonedFlash") } };
        },
        again: draftAgain(null),
      }),
    )
    .post(
      at("/base"),
      action(z.strictObject({ draft, base: z.string().max(60) }), "administer", {
        run: async (tx, { draft: of, base }, exchange) => {
          const known = (await listVersions(tx)).some((one) => one.version === base);
          if (!known) throw new NotFound();
          const definition = await codebookVersion(tx, base);
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => {
            one.base = definition;
            // What was decided of factors that the new base does not have says nothing any more.
            const codes = new Set(definition.factors.map((factor) => factor.code));
            one.decisions = Object.fromEntries(Object.entries(one.decisions).filter(([from]) => codes.has(from)));
          });
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, draftHref(of));
        },
        again: draftAgain(null),
      }),
    )
    .get(
      at("/sections"),
      page(z.object({ draft }), "administer", (db, input, exchange) => sectionsForm(db, input.draft, null, {}, exchange)),
    )
    .post(
      at("/sections"),
      action(sectionsInput, "administer", {
        run: async (tx, input, exchange) => {
          const rows = input.section_code
            .map((_, n) => ({
              was: trimmed(input.section_was, n),
              code: trimmed(input.section_code, n),
              labelFr: trimmed(input.section_label_fr, n),
              labelEn: trimmed(input.section_label_en, n),
              noteFr: trimmed(input.section_note_fr, n) || null,
            }))
            .map((row, n) => ({ row, place: input.section_position[n] ?? "" }))
            .filter(({ row }) => row.code !== "");
          await changeDraft(tx, input.draft, exchange.by, exchange.now, (one) => {
            seen(one, one.definition.sections, input.seen);
            saveSections(
              one,
              ordered(
                rows.map(({ row }) => row),
                rows.map(({ place }) => place),
              ),
            );
          });
          exchange.audit("codebook.draft-edited", "codebook_draft", input.draft);
          return saved(exchange, draftHref(input.draft, "/sections"));
        },
        again: (db, typed, problems, exchange) => sectionsForm(db, string(typed, "draft"), typed, problems, exchange),
      }),
    )
    .get(
      at("/differences"),
      page(z.object({ draft }), "administer", (db, input, exchange) => differences(db, input.draft, exchange)),
    )
    .get(
      at("/correspondances"),
      page(z.object({ draft, facteur: code.optional().catch(undefined) }), "administer", (db, input, exchange) =>
        crosswalkForm(db, input.draft, input.facteur ?? null, null, {}, exchange),
      ),
    )
    .post(
      at("/correspondances/:factor"),
      action(fateInput, "administer", {
        run: async (tx, input, exchange) => {
          const { draft: of, factor, seen: digest, rule, note } = input;
          const to = input.to.filter((one) => one !== "");
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => {
            const fate = fatesOf(one.base, one.definition, one.decisions).find(({ from }) => from.code === factor);
            if (!fate) throw new NotFound();
            seen(one, [one.decisions[factor] ?? null, fate.to], digest);
            const shown = fate.to.map((target) => target.code);
            const values: Record<string, Record<string, string>> = {};
            for (const [n, target] of input.value_to.entries())
              values[target] = { ...values[target], [input.value_from[n] ?? ""]: input.value_becomes[n] ?? "" };
            const same = rule === fate.rule && to.join() === shown.join();
            decideFate(one, factor, { rule, to, values: same ? values : {}, note, confirm: same }, one.base);
          });
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, draftHref(of, `/correspondances?facteur=${factor}#${factor}`));
        },
        again: (db, typed, problems, exchange) =>
          crosswalkForm(db, string(typed, "draft"), string(typed, "factor"), typed, problems, exchange),
      }),
    )
    .get(
      at("/fusionner"),
      page(z.object({ draft, facteur: code.optional().catch(undefined) }), "administer", (db, input, exchange) =>
        mergeForm(db, input.draft, input.facteur ? { merged: [input.facteur] } : null, {}, exchange),
      ),
    )
    .post(
      at("/fusionner"),
      action(mergeInput, "administer", {
        run: async (tx, { draft: of, merged, note, ...into }, exchange) => {
          await changeDraft(tx, of, exchange.by, exchange.now, (one) =>
            mergeFactors(
              one,
              merged.filter((factor) => factor !== ""),
              into,
              note,
              one.base,
            ),
          );
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, factorHref(of, into.code));
        },
        again: (db, typed, problems, exchange) => mergeForm(db, string(typed, "draft"), typed, problems, exchange),
      }),
    )
    .get(
      at("/facteurs/:factor"),
      page(z.object({ draft, factor: code }), "administer", (db, input, exchange) =>
        factorForm(db, input.draft, input.factor, null, null, {}, exchange),
      ),
    )
    .post(
      at("/facteurs/:factor"),
      action(factorInput, "administer", {
        run: async (tx, input, exchange) => {
          const { draft: of, factor, seen: digest, after, terms, riskFactor, option_position, optionsRef, ...rest } = input;
          const rows = input.option_code
            .map((_, n) => ({
              row: {
                was: trimmed(input.option_was, n),
                code: trimmed(input.option_code, n),
                labelFr: trimmed(input.option_label_fr, n),
                labelEn: trimmed(input.option_label_en, n),
                definitionFr: trimmed(input.option_definition_fr, n),
              },
              place: option_position[n] ?? "",
            }))
            .filter(({ row }) => row.code !== "" || row.labelFr !== "");
          const {
            option_was: _,
            option_code: __,
            option_label_fr: ___,
            option_label_en: ____,
            option_definition_fr: _____,
            ...given
          } = rest;
          const changed = await changeDraft(tx, of, exchange.by, exchange.now, (one) => {
            const stored = one.definition.factors.find((own) => own.code === factor);
            if (!stored) throw new NotFound();
            seen(one, [stored, placeOf(one, factor)], digest);
            saveFactor(
              one,
              factor,
              {
                ...given,
                after: after ?? placeOf(one, factor),
                optionsRef: optionsRef ?? null,
                riskFactor: riskFactor.length > 0,
                indicatorTermsFr: [
                  ...new Set(
                    terms
                      .split("\n")
                      .map((term) => term.replace(/\s+/g, " ").trim())
                      .filter(Boolean),
                  ),
                ],
                options: ordered(
                  rows.map(({ row }) => row),
                  rows.map(({ place }) => place),
                ),
              },
              one.base,
            );
          });
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          const now = changed.definition.factors.find((own) => own.code === factor);
          return saved(exchange, factorHref(of, factor), {
            seen: partDigest([now, placeOf(changed, factor)]),
            options: now?.options.map((option) => option.code) ?? [],
          });
        },
        again: factorAgain("save"),
      }),
    )
    .post(
      at("/facteurs/:factor/retirer"),
      action(z.strictObject({ draft, factor: code, note: text(2_000) }), "administer", {
        run: async (tx, { draft: of, factor, note }, exchange) => {
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => retireFactor(one, factor, note, one.base));
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, draftHref(of));
        },
        again: factorAgain("retire"),
      }),
    )
    .post(
      at("/facteurs/:factor/retablir"),
      action(z.strictObject({ draft, factor: code }), "administer", {
        run: async (tx, { draft: of, factor }, exchange) => {
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => restoreFactor(one, factor, one.base));
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, factorHref(of, factor));
        },
        again: draftAgain(null),
      }),
    )
    .post(
      at("/facteurs/:factor/diviser"),
      action(splitForm, "administer", {
        run: async (tx, { draft: of, factor, note, part_code, part_label_fr, part_label_en }, exchange) => {
          const parts = part_code
            .map((_, n) => ({ code: trimmed(part_code, n), labelFr: trimmed(part_label_fr, n), labelEn: trimmed(part_label_en, n) }))
            .filter((part) => part.code !== "" || part.labelFr !== "");
          await changeDraft(tx, of, exchange.by, exchange.now, (one) => splitFactor(one, factor, parts, note, one.base));
          exchange.audit("codebook.draft-edited", "codebook_draft", of);
          return saved(exchange, parts[0] ? factorHref(of, parts[0].code) : draftHref(of));
        },
        again: factorAgain("split"),
      }),
    );

  // Last: every other word after /grille/ is a factor.
  return router.get(
    "/grille/:factor",
    page(z.object({ factor: code, version }), "readCodebook", (db, input, exchange) => factorPage(db, input, null, {}, exchange)),
  );
}
