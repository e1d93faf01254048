import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { newId } from "../../db/ids.ts";
import type { Db, Tx } from "../../db/schema.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { columnLetters } from "../exchange/table.ts";
import type { Context } from "../http/context.ts";
import { Invalid, type Message, NotFound, Refusal } from "../http/errors.ts";
import { optional, optionalDate, seenVersion, several, whole } from "../http/fields.ts";
import { type Exchange, handlers, type Outcome } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { type Key, translator } from "../http/words.ts";
import { digestOfBytes } from "../reports/intake.ts";
import { plainName } from "../reports/staging.ts";
import { PROBLEM_KINDS } from "./check-line.ts";
import { DATE_FORMATS } from "./dates.ts";
import { applied, CONSTANTS, headerKeys, isChoice, type Mapping, NO_MAPPING } from "./mapping.ts";
import {
  addressOf,
  checkCsv,
  checkPage,
  columnsPage,
  importListPage,
  isOpen,
  limitsOf,
  progressOf,
  shownValues,
  statePage,
  valuesPage,
} from "./pages.ts";
import {
  findImport,
  forgetFile,
  type Import,
  linesToWrite,
  listMappings,
  lockImport,
  mappingFor,
  putLines,
  rememberMapping,
} from "./queries.ts";
import { type ReadSheet, readSpreadsheet, SHEET_LIMITS } from "./read-spreadsheet.ts";
import type { SheetRefusal } from "./refusals.ts";
import { LANGUAGES, matching, scaleChoices } from "./scales.ts";
import { SHEET_FIELDS, targetFinder, targetOf } from "./targets.ts";
import { takeBack } from "./undo.ts";
import { isInterrupted, isWorking, leaseFrom, startWork, workOn } from "./work.ts";

const one = { import: z.string() };
const byImport = z.object({ ...one, page: z.string().optional().transform(pageNumber) });
const checkQuery = byImport.extend({ nature: z.enum(PROBLEM_KINDS).nullable().catch(null).default(null) });
const event = { ...one, version: seenVersion() };
const sheetForm = z.strictObject({
  ...event,
  sheet: z.coerce.number().int().min(0).max(999),
  line: whole(1, 1_000_000),
});
const useForm = z.strictObject({ ...event, name: z.string().min(1, "http.invalid.missing").max(100) });
const peopleCount = z
  .string()
  .regex(/^(?:1?\d|20)?$/, "imports.problem.count")
  .optional()
  .transform((value) => value || null);
const columnsForm = z.strictObject({
  ...event,
  target: several(1000),
  dates: several(1000),
  unknown: several(1000),
  remember: optional(100),
  receivedOn: optionalDate(),
  department: optional(10),
  court: optional(20),
  issuingKind: optional(50),
  issuingService: optional(200),
  actKind: optional(50),
  proceedings: optional(50),
  victims: peopleCount,
  perpetrators: peopleCount,
  children: peopleCount,
  victimSex: optional(20),
  perpetratorSex: optional(20),
});
const valuesForm = z.strictObject({
  ...event,
  choice: several(1000),
  next: z
    .enum(["save", "check"])
    .optional()
    .transform((next) => next ?? "check"),
});
const acceptForm = z.strictObject({
  ...event,
  mode: z.enum(["ready", "all"], "http.invalid.choice"),
  doubtful: z.literal("oui").optional(),
});
const backForm = z.strictObject(one);

const refused = (key: Key, id: string, params: Record<string, string | number> = {}): Refusal =>
  new Refusal((language) => [translator(language)(key, params)], addressOf(id));

/** The import, locked, while its columns and values can be said, as the person's page saw it. @throws Refusal, NotFound */
async function openImport(
  tx: Tx,
  id: string,
  version: number,
  states: readonly Import["state"][] = ["mapping", "checked"],
): Promise<Import> {
  const given = await lockImport(tx, id);
  if (!states.includes(given.state)) throw refused("imports.refusal.state", id);
  if (given.version !== version) throw refused("imports.refusal.moved", id);
  return given;
}

const limits = (context: Context) => ({ ...SHEET_LIMITS, bytes: Math.min(SHEET_LIMITS.bytes, context.config.maxDocumentBytes) });
const refusal = (reason: SheetRefusal | "none", exchange: Exchange): Message => ({
  key: `imports.refused.${reason}`,
  params: limitsOf(exchange),
});

/** Files read before the transaction of their request. */
const sheets = new WeakMap<Exchange, ReadSheet>();

/** The columns of an import for what a sheet holds, with the mapping that was remembered for such columns. */
async function columnsOf(tx: Tx, sheet: ReadSheet) {
  const definition = await currentCodebook(tx);
  const headers = sheet.columns.map(({ header }) => header);
  const remembered = mappingFor(await listMappings(tx), headers);
  const nothing: Mapping = { columns: {}, values: {}, constants: {} };
  return {
    remembered,
    columns: {
      sheets: JSON.stringify(sheet.sheets),
      sheet: sheet.sheet,
      header_line: sheet.headerLine,
      headers: JSON.stringify(headers),
      profile: JSON.stringify(sheet.columns),
      mapping: JSON.stringify(applied(remembered?.mapping ?? nothing, headers, definition)),
      codebook_version: definition.version,
      line_count: sheet.lines.length,
    },
  };
}

const UNCHECKED = { state: "mapping", ready_count: 0, doubtful_count: 0, refused_count: 0, found: null } as const;

/** What a form says of the columns. @throws Invalid naming the fields */
async function saidColumns(tx: Tx, given: Import, form: z.output<typeof columnsForm>): Promise<Mapping> {
  const definition = await currentCodebook(tx);
  const find = targetFinder(definition, LANGUAGES);
  const problems: Record<string, Message> = {};
  const keys = headerKeys(given.headers);
  const dates = new Map(
    form.dates.map((value) => [Number(value.split(".")[0]), DATE_FORMATS.find((format) => value.endsWith(`.${format}`))]),
  );
  const unknown = new Set(form.unknown.map(Number));
  const first = new Map<string, number>();
  const columns: Mapping["columns"] = {};
  for (const [at, key] of keys.entries()) {
    const typed = form.target[at]?.trim() ?? "";
    const target = typed === "" ? "" : find(typed);
    const letter = columnLetters(at);
    if (target === null) problems[`target-${at}`] = { key: "imports.columns.unknownTarget", params: { letter } };
    else if (target !== "" && first.has(target))
      problems[`target-${at}`] = { key: "imports.columns.twice", params: { first: columnLetters(first.get(target)!), second: letter } };
    else if (target !== "") first.set(target, at);
    const isFactor = target !== null && targetOf(target, definition)?.kind === "factor";
    columns[key] = { ...NO_MAPPING, target: target ?? "", dates: dates.get(at) ?? "auto", unknown: isFactor && unknown.has(at) };
  }
  const constants = Object.fromEntries(CONSTANTS.flatMap((name) => (form[name] ? [[name, form[name]]] : []))) as Mapping["constants"];
  const scales = {
    department: "department",
    court: "court",
    issuingKind: "issuingKind",
    actKind: "actKind",
    proceedings: "proceedings",
    victimSex: "sex",
    perpetratorSex: "sex",
  } as const;
  for (const [name, scale] of Object.entries(scales) as [keyof typeof scales, (typeof scales)[keyof typeof scales]][]) {
    const value = constants[name];
    const { t, language } = LANGUAGES[0]!;
    if (value && !scaleChoices(scale, definition, t, language).some((choice) => choice.value === value))
      problems[name] = "http.invalid.choice";
  }
  if (Object.keys(problems).length === 0) {
    if (!first.has("sheet.actDate")) problems["target-0"] = "imports.columns.needDate";
    for (const field of SHEET_FIELDS)
      if (field !== "actDate" && field !== "reference" && field !== "proceedings" && !first.has(`sheet.${field}`) && !constants[field])
        problems[field] = "imports.columns.need";
  }
  if (Object.keys(problems).length > 0) throw new Invalid(problems);
  return { columns, values: given.mapping.values, constants };
}

/** What a form says of the values that its page showed. */
async function saidValues(tx: Tx, given: Import, choices: readonly string[]): Promise<Mapping> {
  const definition = await codebookVersion(tx, given.codebook_version);
  const match = matching(definition);
  const { t, language } = LANGUAGES[0]!;
  const values: Mapping["values"] = { ...given.mapping.values };
  const shown = shownValues(given, definition);
  const codes = shown.map(({ scale }) => new Set(scaleChoices(scale, definition, t, language).map(({ value }) => value)));
  for (const said of choices) {
    const [, list, place, code] = /^(\d{1,4})\.(\d{1,4})=(.{0,200})$/.exec(said) ?? [];
    const scale = shown[Number(list)];
    const met = scale?.shown[Number(place)];
    if (!scale || !met || code === undefined || !isChoice(codes[Number(list)]!, code)) throw refused("imports.refusal.moved", given.id);
    const decided = { ...values[scale.scale] };
    // What the value says by itself need not be kept.
    if (code === (match(scale.scale, met.folded) ?? "")) delete decided[met.folded];
    else decided[met.folded] = code;
    values[scale.scale] = decided;
  }
  return { ...given.mapping, values };
}

/** Every URL of imports: the list, one import from its file to its reports, and back. */
export function importRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  /** Work begins once what asked for it is stored and answered. */
  const thenWork =
    (handler: RequestHandler): RequestHandler =>
    async (request, response, next) => {
      await handler(request, response, next);
      const { import: id } = request.params;
      if (typeof id === "string") void startWork(context, id);
    };
  /** A page waits a moment for short work, so that a small file is checked when its page opens. */
  const aMomentLater = (db: Db, id: string): Promise<unknown> =>
    Promise.race([workOn(db, id), new Promise((resolve) => setTimeout(resolve, 700))]);
  const again =
    (
      draw: (
        db: Db,
        given: Import,
        ...rest: [Parameters<typeof columnsPage>[2], Record<string, string>, Exchange]
      ) => ReturnType<typeof columnsPage>,
    ) =>
    async (db: Db, typed: Parameters<typeof columnsPage>[2], problems: Record<string, string>, exchange: Exchange) => {
      const given = await findImport(db, String(typed?.["import"]));
      if (!isOpen(given)) throw refused("imports.refusal.state", given.id);
      return draw(db, given, typed, problems, exchange);
    };

  return Router()
    .get(
      "/rapports/importer",
      page(z.object({ page: z.string().optional().transform(pageNumber) }), "importReports", (db, { page: at }, exchange) =>
        importListPage(db, at, {}, exchange),
      ),
    )
    .post(
      "/rapports/importer",
      action(z.strictObject({}), "importReports", {
        prepare: async (_input, exchange) => {
          const [file] = exchange.files;
          if (!file) throw new Invalid({ file: refusal("none", exchange) });
          const reading = await readSpreadsheet(file.bytes, plainName(file.name), undefined, limits(context));
          if (reading.kind === "refused") throw new Invalid({ file: refusal(reading.reason, exchange) });
          sheets.set(exchange, reading.sheet);
        },
        run: async (tx, _input, exchange) => {
          const { by, now, t, audit } = exchange;
          const file = exchange.files[0]!;
          const sheet = sheets.get(exchange)!;
          const id = newId();
          const { columns, remembered } = await columnsOf(tx, sheet);
          const digest = digestOfBytes(file.bytes);
          await tx
            .insertInto("report_import")
            .values({
              id,
              state: "mapping",
              version: 1,
              file_name: plainName(file.name),
              format: sheet.format,
              digest,
              byte_count: file.bytes.byteLength,
              ...columns,
              found: null,
              worker: null,
              worker_until: null,
              created_by: by.id,
              created_at: now,
              accepted_by: null,
              accepted_at: null,
              finished_at: null,
              removed_by: null,
              removed_at: null,
            })
            .execute();
          await tx.insertInto("import_file").values({ import_id: id, bytes: file.bytes }).execute();
          await putLines(tx, id, sheet);
          audit("import.read", "import", id, { digest, lines: sheet.lines.length });
          const text = t("imports.list.sampled", { count: sheet.lines.length });
          return {
            to: addressOf(id),
            flash: { tone: "success", text: remembered ? `${text} ${t("imports.list.remembered", { name: remembered.name })}` : text },
          };
        },
        again: (db, _typed, problems, exchange) => importListPage(db, 1, problems, exchange),
      }),
    )
    .get(
      "/rapports/importer/:import",
      page(byImport, "importReports", async (db, { import: id, page: at }, exchange) => {
        await aMomentLater(db, id);
        const given = await findImport(db, id);
        exchange.audit("import.opened", "import", id);
        return isOpen(given) ? columnsPage(db, given, null, {}, exchange) : statePage(db, given, at, exchange);
      }),
    )
    .post(
      "/rapports/importer/:import/feuille",
      action(sheetForm, "importReports", {
        prepare: async ({ import: id, sheet, line }, exchange, db) => {
          const given = await findImport(db, id);
          if (!isOpen(given)) throw refused("imports.refusal.state", id);
          const file = await db.selectFrom("import_file").select("bytes").where("import_id", "=", id).executeTakeFirst();
          if (!file) throw new NotFound();
          const choice = { sheet, headerLine: sheet === given.sheet ? line : null };
          const reading = await readSpreadsheet(file.bytes, given.file_name, choice, limits(context));
          if (reading.kind === "refused")
            throw new Invalid({ [sheet === given.sheet ? "line" : "sheet"]: refusal(reading.reason, exchange) });
          sheets.set(exchange, reading.sheet);
        },
        run: async (tx, { import: id, version }, exchange) => {
          await openImport(tx, id, version);
          const sheet = sheets.get(exchange)!;
          const { columns } = await columnsOf(tx, sheet);
          await tx
            .updateTable("report_import")
            .set({ ...UNCHECKED, ...columns, version: version + 1 })
            .where("id", "=", id)
            .execute();
          await putLines(tx, id, sheet);
          return { to: addressOf(id), flash: { tone: "success", text: exchange.t("imports.sheet.done", { count: sheet.lines.length }) } };
        },
        again: again(columnsPage),
      }),
    )
    .post(
      "/rapports/importer/:import/correspondance",
      action(useForm, "importReports", {
        run: async (tx, { import: id, version, name }, { t }) => {
          const given = await openImport(tx, id, version);
          const remembered = (await listMappings(tx)).find((known) => known.name === name);
          if (!remembered) throw new Invalid({ name: "imports.use.unknown" });
          const mapping = applied(remembered.mapping, given.headers, await currentCodebook(tx));
          await tx
            .updateTable("report_import")
            .set({ ...UNCHECKED, mapping: JSON.stringify(mapping), version: version + 1 })
            .where("id", "=", id)
            .execute();
          return { to: addressOf(id), flash: { tone: "success", text: t("imports.use.done", { name }) } };
        },
        again: again((db, given, _typed, problems, exchange) => columnsPage(db, given, null, problems, exchange)),
      }),
    )
    .post(
      "/rapports/importer/:import/colonnes",
      action(columnsForm, "importReports", {
        run: async (tx, form, { by, now, t }) => {
          const given = await openImport(tx, form.import, form.version);
          const mapping = await saidColumns(tx, given, form);
          const { version: codebook_version } = await currentCodebook(tx);
          if (form.remember) await rememberMapping(tx, form.remember, given.headers, mapping, by.id, now);
          await tx
            .updateTable("report_import")
            .set({ ...UNCHECKED, mapping: JSON.stringify(mapping), codebook_version, version: form.version + 1 })
            .where("id", "=", form.import)
            .execute();
          return { to: `${addressOf(form.import)}/valeurs`, flash: { tone: "success", text: t("imports.columns.saved") } };
        },
        again: again(columnsPage),
      }),
    )
    .get(
      "/rapports/importer/:import/valeurs",
      page(byImport, "importReports", async (db, { import: id }, exchange) => {
        const given = await findImport(db, id);
        exchange.audit("import.opened", "import", id);
        return isOpen(given) ? valuesPage(db, given, exchange) : { to: addressOf(id) };
      }),
    )
    .post(
      "/rapports/importer/:import/valeurs",
      thenWork(
        action(valuesForm, "importReports", {
          run: async (tx, { import: id, version, choice, next }, { by, now, t, audit }): Promise<Outcome> => {
            const given = await openImport(tx, id, version);
            const mapping = await saidValues(tx, given, choice);
            const columns = { ...UNCHECKED, mapping: JSON.stringify(mapping), version: version + 1 };
            // A mapping remembered for these columns learns what was said of their values.
            const remembered = mappingFor(await listMappings(tx), given.headers);
            if (remembered) await rememberMapping(tx, remembered.name, given.headers, mapping, by.id, now);
            if (next === "save") {
              await tx.updateTable("report_import").set(columns).where("id", "=", id).execute();
              return { to: `${addressOf(id)}/valeurs`, flash: { tone: "success", text: t("imports.values.saved") } };
            }
            if ((await currentCodebook(tx)).version !== given.codebook_version) throw refused("imports.refusal.codebook", id);
            await tx
              .updateTable("report_import")
              .set({ ...columns, state: "checking", progress: 0, worker: null, worker_until: leaseFrom(now) })
              .where("id", "=", id)
              .execute();
            audit("import.checked", "import", id);
            return { to: `${addressOf(id)}/verification` };
          },
          again: again((db, given, _typed, _problems, exchange) => valuesPage(db, given, exchange)),
        }),
      ),
    )
    .get(
      "/rapports/importer/:import/verification",
      page(checkQuery, "importReports", async (db, { import: id, page: at, nature }, exchange) => {
        await aMomentLater(db, id);
        const given = await findImport(db, id);
        exchange.audit("import.opened", "import", id);
        if (isWorking(given.state)) return statePage(db, given, 1, exchange);
        return given.found ? checkPage(db, given, { page: at, kind: nature }, null, {}, exchange) : { to: addressOf(id) };
      }),
    )
    .get(
      "/rapports/importer/:import/verification.csv",
      page(byImport, "importReports", async (db, { import: id }, exchange) => {
        const given = await findImport(db, id);
        if (!given.found) throw new NotFound();
        const { bytes, rows } = await checkCsv(db, given, exchange);
        await db
          .insertInto("export_log")
          .values({
            by: exchange.by.id,
            at: exchange.now,
            what: "import-check",
            format: "csv",
            filters: JSON.stringify({ import: id }),
            row_count: rows,
          })
          .execute();
        exchange.audit("import.check.exported", "import", id, { rows });
        return { kind: "file", type: "text/csv; charset=utf-8; header=present", name: `${exchange.t("imports.check.file")}.csv`, bytes };
      }),
    )
    .post(
      "/rapports/importer/:import/accepter",
      thenWork(
        action(acceptForm, "importReports", {
          run: async (tx, { import: id, version, mode, doubtful }, { by, now, audit }) => {
            const given = await openImport(tx, id, version, ["checked"]);
            if ((await currentCodebook(tx)).version !== given.codebook_version) throw refused("imports.refusal.codebook", id);
            const lines = linesToWrite(given, doubtful === "oui");
            if (mode === "all" && lines < given.line_count)
              throw new Invalid({ mode: { key: "imports.check.notAll", params: { count: given.line_count - lines } } });
            if (lines === 0) throw new Invalid({ mode: "imports.check.nothing" });
            await tx
              .updateTable("report_import")
              .set({
                state: "writing",
                version: version + 1,
                with_doubtful: doubtful === "oui" ? 1 : 0,
                progress: 0,
                accepted_by: by.id,
                accepted_at: now,
                worker: null,
                worker_until: leaseFrom(now),
              })
              .where("id", "=", id)
              .execute();
            audit("import.accepted", "import", id, { digest: given.digest, lines });
            return { to: addressOf(id) };
          },
          again: again((db, given, typed, problems, exchange) => checkPage(db, given, { page: 1, kind: null }, typed, problems, exchange)),
        }),
      ),
    )
    .post(
      "/rapports/importer/:import/reprendre",
      thenWork(
        action(backForm, "importReports", {
          run: async (tx, { import: id }, { now, t, audit }) => {
            const given = await lockImport(tx, id);
            if (!isInterrupted(given, now)) throw refused("imports.refusal.state", id);
            await tx
              .updateTable("report_import")
              .set({ worker: null, worker_until: leaseFrom(now) })
              .where("id", "=", id)
              .execute();
            audit("import.resumed", "import", id);
            return { to: addressOf(id), flash: { tone: "info", text: t("imports.progress.resumed") } };
          },
          again: async (db, typed, _problems, exchange) => statePage(db, await findImport(db, String(typed["import"])), 1, exchange),
        }),
      ),
    )
    .post(
      "/rapports/importer/:import/annuler",
      thenWork(
        action(backForm, "importReports", {
          run: async (tx, { import: id }, { by, now, t, audit }) => {
            const given = await lockImport(tx, id);
            const removed = { removed_by: by.id, removed_at: now, version: given.version + 1, worker: null };
            const set = (columns: Partial<Pick<Import, "state" | "progress" | "worker_until">>) =>
              tx
                .updateTable("report_import")
                .set({ ...removed, worker_until: null, ...columns })
                .where("id", "=", id)
                .execute();
            if (given.state === "mapping" || given.state === "checked" || given.state === "checking") {
              await set({ state: "abandoned", progress: 0 });
              await forgetFile(tx, id);
              await tx.deleteFrom("import_line").where("import_id", "=", id).execute();
              audit("import.abandoned", "import", id);
              return { to: addressOf(id), flash: { tone: "success", text: t("imports.undo.abandonedDone") } };
            }
            if (given.state === "writing") {
              await set({ state: "removing", worker_until: leaseFrom(now) });
              audit("import.stopped", "import", id);
              return { to: addressOf(id), flash: { tone: "success", text: t("imports.undo.abandonedDone") } };
            }
            if (given.state !== "done") throw refused("imports.undo.already", id);
            const touched = await takeBack(tx, id);
            if (touched.count > 0)
              throw refused("imports.undo.touched", id, {
                count: touched.count,
                list: `${touched.ids.join(", ")}${touched.count > touched.ids.length ? " …" : ""}`,
              });
            await set({ state: "removing", progress: given.written_count, worker_until: leaseFrom(now) });
            audit("import.takenBack", "import", id, { digest: given.digest, reports: given.written_count });
            return { to: addressOf(id), flash: { tone: "success", text: t("imports.undo.done") } };
          },
          again: async (db, typed, _problems, exchange) => statePage(db, await findImport(db, String(typed["import"])), 1, exchange),
        }),
      ),
    )
    .get(
      "/rapports/importer/:import/avancement",
      page(byImport, "importReports", async (db, { import: id }, exchange) => {
        const progress = progressOf(await findImport(db, id), exchange);
        return {
          kind: "file",
          type: "application/json; charset=utf-8",
          name: null,
          inline: true,
          bytes: Buffer.from(JSON.stringify(progress)),
        };
      }),
    );
}
