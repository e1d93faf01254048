import { type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { BadRequest, Invalid, Refusal } from "../http/errors.ts";
import { choice, type Problems, required, several, type Typed } from "../http/fields.ts";
import { integer } from "../http/formats.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { translator } from "../http/words.ts";
import { retryJob } from "../jobs/queue.ts";
import { wakeRunners } from "../jobs/runner.ts";
import { FORMATS } from "../recommendations/export.ts";
import { registerFilters } from "../recommendations/filters.ts";
import { type ColumnKey, isColumnKey } from "./columns.ts";
import { findLayout, HOUSE_LAYOUTS, removeLayout, saveLayout } from "./layouts.ts";
import { type Asked, ExportFailed, GROUPINGS, idsFor, isSmall, type Made, MOST_IN_BOOKLET, makeExport } from "./make.ts";
import { exportForm, exportList, exportPage, exportProgress, type FormInput, formAddress } from "./pages.ts";
import { bytesOf, findExport, keepExport, queueExport, removeExport } from "./queries.ts";
import { exportSchema } from "./schema.ts";
import { EXPORT_FORMATS, isBooklet } from "./writing.ts";

const byId = z.object({ id: z.string() });
const one = z.strictObject({ id: z.string() });
const code = z.string().max(60).catch("");
const filterShape = registerFilters.shape;
/** Columns in an address: their keys in order, with commas between them. */
const columnList = z
  .string()
  .max(2000)
  .catch("")
  .transform((value) => value.split(",").filter(Boolean));
const oui = z
  .literal("oui")
  .optional()
  .catch(undefined)
  .transform((value) => value === "oui");
const address = z.object({ ...filterShape, modele: code, colonnes: columnList, historique: oui });
const formQuery = address.extend({
  format: z.enum(EXPORT_FORMATS).catch("xlsx"),
  regroupement: z.enum(GROUPINGS).catch("addressee"),
});
const formShape = {
  ...filterShape,
  modele: code,
  /** The layout that the columns below it were taken from. */
  applique: code,
  colonnes: several(100),
  historique: oui,
  format: choice(EXPORT_FORMATS),
  regroupement: z.enum(GROUPINGS).catch("addressee"),
  nom: z.string().max(200).optional(),
  partager: oui,
};
const makeForm = z.strictObject(formShape);
const layoutForm = z.strictObject({ ...formShape, nom: required(80) });
const arrangeForm = z.strictObject({ ...formShape, acte: z.string().max(100) });
type Form = z.output<typeof makeForm>;

const filtersIn = (input: z.output<typeof registerFilters>) => registerFilters.parse(input);
const inputOf = (form: Form): FormInput => ({ ...form, filters: filtersIn(form), historique: form.historique });
/** What was typed, as far as it can be read: to draw the form again. */
const typedInput = (typed: Typed): FormInput => {
  const read = z.object(formShape).extend({ format: z.enum(EXPORT_FORMATS).catch("xlsx"), colonnes: several(100).catch([]) });
  return inputOf(read.parse(typed) as Form);
};

/** The keys as columns. @throws Invalid when one of them is none, or when there is none */
function checkedColumns(keys: readonly string[]): ColumnKey[] {
  const unknown = keys.filter((key) => !isColumnKey(key));
  if (unknown.length > 0)
    throw new Invalid({ colonnes: { key: "exports.form.unknownColumn", params: { keys: unknown.join(", ").slice(0, 200) } } });
  if (keys.length === 0) throw new Invalid({ colonnes: "exports.form.noColumn" });
  return [...new Set(keys)].filter(isColumnKey);
}

/** The column that was moved, one place up or down. */
function moved(keys: readonly string[], key: string, by: -1 | 1): string[] {
  const at = keys.indexOf(key);
  const to = at + by;
  if (at < 0 || to < 0 || to >= keys.length) return [...keys];
  return keys.with(at, keys[to]!).with(to, key);
}

const aMoment = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Every URL of this room, and the exports that follow the address of the register. */
export function exportRoutes(context: Context): Router {
  const { page, action } = handlers(context);

  /** What an address or a form asks for: the columns chosen by hand, else those of the layout. @throws Invalid */
  async function askedBy(db: Db, input: FormInput, { by, language }: Exchange, usual: "registre" | "suivi"): Promise<Asked> {
    const layout = input.modele === "" ? undefined : await findLayout(db, input.modele, by);
    if (input.modele !== "" && !layout) throw new Invalid({ modele: "exports.form.unknownLayout" });
    const format = EXPORT_FORMATS.find((known) => known === input.format)!;
    const base = { format, language, groupedBy: isBooklet(format) ? GROUPINGS.find((known) => known === input.regroupement)! : null };
    if (input.colonnes.length === 0) {
      const { columns, history } = layout ?? HOUSE_LAYOUTS[usual];
      return {
        ...base,
        filters: input.filters,
        columns,
        history: history || input.historique,
        layout: layout?.name ?? layout?.code ?? usual,
      };
    }
    const columns = checkedColumns(input.colonnes);
    // The name of a layout is told only of what it holds.
    const same = layout && layout.columns.join() === columns.join() && layout.history === input.historique;
    return {
      ...base,
      filters: input.filters,
      columns,
      history: input.historique,
      layout: same ? (layout.name ?? layout.code) : null,
    };
  }

  const tooMany = (n: number, language: Exchange["language"]) =>
    new Invalid({
      format: { key: "exports.form.tooMany", params: { most: integer(MOST_IN_BOOKLET, language), n: integer(n, language) } },
    });

  const router = Router();

  // --- following the address of the register -------------------------------------------------------------------------------------
  for (const format of FORMATS)
    router.get(
      `/recommandations/export.${format}`,
      page(address, "exportRecommendations", async (db, given, exchange) => {
        const { by, language, now, audit } = exchange;
        const input: FormInput = { ...given, filters: filtersIn(given), format, regroupement: "addressee" };
        let asked: Asked;
        try {
          asked = await askedBy(db, input, exchange, "registre");
        } catch (error) {
          if (!(error instanceof Invalid)) throw error;
          const problems = problemsIn(error, exchange);
          return exportForm(db, input, exchange, { problems, status: 422 });
        }
        const ids = await idsFor(db, asked, now);
        if (!isSmall(format, ids.length)) {
          const id = await db.transaction().execute((tx) => queueExport(tx, asked, by, now));
          audit("recommendations.export-asked", "export", id, { format });
          wakeRunners(context);
          return { to: `/exports/${id}` };
        }
        const made = await makeExport(context, asked, ids, now, aMoment).catch((error: unknown) => {
          if (error instanceof ExportFailed) throw failedRefusal(error, language);
          throw error;
        });
        await keepExport(db, asked, made, by, now);
        audit("recommendations.exported", "recommendations", format, { rows: made.rows });
        return { kind: "file", type: made.type, name: made.name, bytes: made.bytes };
      }),
    );

  // --- the pages -----------------------------------------------------------------------------------------------------------------
  const made = new WeakMap<Exchange, { asked: Asked; made: Made | null }>();
  /** Tells the runners once the transaction stands. */
  const thenWake =
    (handler: RequestHandler): RequestHandler =>
    async (request, response, next) => {
      await handler(request, response, next);
      wakeRunners(context);
    };
  const again = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    exportForm(db, typedInput(typed), exchange, { typed, problems });

  return router
    .get(
      "/exports",
      page(z.object({ page: z.string().optional().catch(undefined).transform(pageNumber) }), "exportRecommendations", exportList),
    )
    .get(
      "/exports/nouveau",
      page(formQuery, "exportRecommendations", async (db, given, exchange) => {
        const layout = given.modele === "" ? undefined : await findLayout(db, given.modele, exchange.by);
        const usual = layout ?? HOUSE_LAYOUTS.suivi;
        const byHand = given.colonnes.length > 0;
        return exportForm(
          db,
          {
            ...given,
            filters: filtersIn(given),
            modele: layout?.code ?? (byHand ? "" : "suivi"),
            colonnes: byHand ? given.colonnes : usual.columns,
            historique: byHand ? given.historique : usual.history || given.historique,
          },
          exchange,
        );
      }),
    )
    .get(
      "/exports/schema.json",
      page(z.object({}), "exportRecommendations", async (_db, _input, { t }) => ({
        kind: "file",
        type: "application/schema+json; charset=utf-8",
        name: null,
        inline: true,
        bytes: new TextEncoder().encode(`${JSON.stringify(exportSchema(`${context.config.publicUrl}/exports/schema.json`, t), null, 2)}\n`),
      })),
    )
    .post(
      "/exports",
      thenWake(
        action(makeForm, "exportRecommendations", {
          prepare: async (form, exchange, db) => {
            // A layout chosen and not applied is what the person asks for, whatever the list still shows.
            const chosen = form.modele !== "" && form.modele !== form.applique;
            if (form.colonnes.length === 0 && !chosen) throw new Invalid({ colonnes: "exports.form.noColumn" });
            const input = inputOf(form);
            const asked = await askedBy(db, chosen ? { ...input, colonnes: [] } : input, exchange, "suivi");
            const ids = await idsFor(db, asked, exchange.now);
            if (isBooklet(asked.format) && ids.length > MOST_IN_BOOKLET) throw tooMany(ids.length, exchange.language);
            if (!isSmall(asked.format, ids.length)) return void made.set(exchange, { asked, made: null });
            try {
              made.set(exchange, { asked, made: await makeExport(context, asked, ids, exchange.now, aMoment) });
            } catch (error) {
              if (error instanceof ExportFailed) throw new Invalid({ format: `exports.failed.${error.failure}` as const });
              throw error;
            }
          },
          run: async (tx, _form, exchange) => {
            const { by, t, now, audit } = exchange;
            const { asked, made: file } = made.get(exchange)!;
            const id = file ? await keepExport(tx, asked, file, by, now) : await queueExport(tx, asked, by, now);
            audit(file ? "recommendations.exported" : "recommendations.export-asked", "export", id, {
              format: asked.format,
              ...(file && { rows: file.rows }),
            });
            return { to: `/exports/${id}`, flash: { tone: "success", text: t(file ? "exports.flash.ready" : "exports.flash.queued") } };
          },
          again,
        }),
      ),
    )
    .post(
      "/exports/colonnes",
      action(arrangeForm, "exportRecommendations", {
        run: async (tx, { acte, ...form }, { by }) => {
          const input = inputOf(form);
          const [what, key = ""] = acte.split(":");
          if (what === "modele") {
            const layout = await findLayout(tx, form.modele, by);
            if (!layout) throw new Invalid({ modele: "exports.form.unknownLayout" });
            return { to: `${formAddress({ ...input, colonnes: layout.columns, historique: layout.history })}#colonnes` };
          }
          const colonnes =
            what === "monter" || what === "descendre" ? moved(form.colonnes, key, what === "monter" ? -1 : 1) : form.colonnes;
          // Columns arranged by hand are no longer those of a layout.
          return { to: `${formAddress({ ...input, modele: "", colonnes: checkedColumns(colonnes) })}#colonnes` };
        },
        again,
      }),
    )
    .post(
      "/exports/modeles",
      action(layoutForm, "exportRecommendations", {
        run: async (tx, form, { by, t, now, audit }) => {
          const columns = checkedColumns(form.colonnes);
          const id = await saveLayout(tx, { name: form.nom, columns, history: form.historique, shared: form.partager }, by, now);
          audit("export-layout.saved", "export-layout", id, { columns: columns.length });
          return {
            to: formAddress({ ...inputOf(form), modele: id, colonnes: columns }),
            flash: { tone: "success", text: t("exports.flash.saved", { name: form.nom }) },
          };
        },
        again,
      }),
    )
    .post(
      "/exports/modeles/:id/supprimer",
      action(one, "exportRecommendations", {
        run: async (tx, { id }, { by, t, audit }) => {
          await removeLayout(tx, id, by);
          audit("export-layout.removed", "export-layout", id);
          return { to: "/exports", flash: { tone: "success", text: t("exports.flash.layoutRemoved") } };
        },
        again: () => Promise.reject(new BadRequest()),
      }),
    )
    .get(
      "/exports/:id",
      page(byId, "exportRecommendations", (db, { id }, exchange) => exportPage(db, id, exchange)),
    )
    .get(
      "/exports/:id/etat",
      page(byId, "exportRecommendations", async (db, { id }, exchange) => ({
        kind: "file",
        type: "application/json; charset=utf-8",
        name: null,
        inline: true,
        bytes: new TextEncoder().encode(JSON.stringify(await exportProgress(db, id, exchange))),
      })),
    )
    .get(
      "/exports/:id/fichier",
      page(byId, "exportRecommendations", async (db, { id }, exchange) => {
        const { file_name, media_type } = await findExport(db, id, exchange.now);
        const bytes = await bytesOf(db, id, exchange.now);
        // Gone, or not there yet: the page says which.
        if (!bytes) return exportPage(db, id, exchange, 410);
        exchange.audit("export.downloaded", "export", id);
        return { kind: "file", type: media_type!, name: file_name, bytes };
      }),
    )
    .post(
      "/exports/:id/supprimer",
      action(one, "exportRecommendations", {
        run: async (tx, { id }, { by, t, now, audit }) => {
          const given = await findExport(tx, id, now);
          await removeExport(tx, given, by, now);
          audit("export.removed", "export", id);
          const ready = given.state === "ready";
          return { to: "/exports", flash: { tone: "success", text: t(ready ? "exports.flash.deleted" : "exports.flash.stopped") } };
        },
        again: () => Promise.reject(new BadRequest()),
      }),
    )
    .post(
      "/exports/:id/reprendre",
      thenWake(
        action(one, "exportRecommendations", {
          run: async (tx, { id }, { t, now, audit }) => {
            const { job_id, state } = await findExport(tx, id, now);
            if (state !== "failed" || job_id === null || !(await retryJob(tx, job_id)))
              throw new Refusal((language) => [translator(language)("exports.refused.notFailed")], `/exports/${id}`);
            audit("export.retried", "export", id);
            return { to: `/exports/${id}`, flash: { tone: "success", text: t("exports.flash.retried") } };
          },
          again: () => Promise.reject(new BadRequest()),
        }),
      ),
    );
}

const problemsIn = (error: Invalid, { t }: Exchange): Problems =>
  Object.fromEntries(
    Object.entries(error.fields).map(([name, message]) => [
      name,
      typeof message === "string" ? t(message) : t(message.key, message.params),
    ]),
  );

const failedRefusal = ({ failure }: ExportFailed, language: Exchange["language"]): Refusal =>
  new Refusal(
    (reader) => [translator(reader)(`exports.failed.${failure}`, { most: integer(MOST_IN_BOOKLET, language) })],
    "/exports/nouveau",
  );
