import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { choice, optional, optionalWhole, required, seenVersion } from "../http/fields.ts";
import { handlers } from "../http/handlers.ts";
import { exportChronology, FORMATS } from "./export.ts";
import { chronologyPage, entryPage } from "./pages.ts";
import { ENTRY_KINDS } from "./queries.ts";
import { addEntry, changeEntry, type EntryGiven, removeEntry, tieEntry } from "./write.ts";

const id = z.string().max(40);
const entry = z.string().max(60);
const number = () => optionalWhole(1, 1_000_000);
const form = {
  id,
  start: required(40),
  end: optional(40),
  uncertain: z.literal("1").optional(),
  kind: choice(ENTRY_KINDS),
  service: optional(200),
  description: required(2_000),
  response: optional(2_000),
  person: optional(60),
  document: number(),
  quote: optional(5_000),
  block: number(),
  page: number(),
};
const newEntry = z.strictObject(form);
const existingEntry = z.strictObject({ ...form, entry, version: seenVersion() });
const removal = z.strictObject({ id, entry, version: seenVersion() });
const tie = z.strictObject({ id, entry, about: required(200) });

/** A document alone names no passage: words, a paragraph or a page do. */
const given = ({ document, quote, block, page, start, end, uncertain, ...rest }: z.output<typeof newEntry>): EntryGiven => ({
  ...rest,
  start,
  end,
  uncertain: uncertain !== undefined,
  passage: quote === null && block === null && page === null ? null : { document: document ?? 1, quote, block, page },
});

/** Every URL of this room. */
export function chronologyRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const here = "/rapports/:id/chronologie";
  const router = Router();
  for (const format of FORMATS)
    router.get(
      `${here}/export.${format}`,
      page(z.object({ id }), "readCases", (db, input, exchange) => exportChronology(db, input.id, format, exchange)),
    );
  return router
    .get(
      here,
      page(z.object({ id }), "readCases", (db, input, exchange) => chronologyPage(db, input.id, exchange)),
    )
    .get(
      `${here}/nouvelle`,
      page(z.object({ id, passage: z.string().max(60).optional().catch(undefined) }), "readCases", (db, input, exchange) =>
        entryPage(db, input.id, null, exchange, { passage: input.passage ?? null }),
      ),
    )
    .get(
      `${here}/:entry`,
      page(z.object({ id, entry }), "readCases", (db, input, exchange) => entryPage(db, input.id, input.entry, exchange)),
    )
    .post(
      here,
      action(newEntry, "readCases", {
        run: async (tx, input, { by, now, t, audit }) => {
          const written = await addEntry(tx, { reportId: input.id, by, now }, given(input));
          audit("chronology.added", "chronology_entry", written);
          return {
            to: `/rapports/${input.id}/chronologie#entree-${written}`,
            flash: { tone: "success", text: t("chronology.flash.added") },
          };
        },
        again: (db, typed, problems, exchange) => entryPage(db, String(typed.id), null, exchange, { typed, problems }),
      }),
    )
    .post(
      `${here}/:entry`,
      action(existingEntry, "readCases", {
        run: async (tx, { entry: which, version, ...input }, { by, now, t, audit }) => {
          await changeEntry(tx, { reportId: input.id, by, now }, which, version, given(input));
          audit("chronology.changed", "chronology_entry", which);
          return {
            to: `/rapports/${input.id}/chronologie#entree-${which}`,
            flash: { tone: "success", text: t("chronology.flash.changed") },
          };
        },
        again: (db, typed, problems, exchange) => entryPage(db, String(typed.id), String(typed.entry), exchange, { typed, problems }),
      }),
    )
    .post(
      `${here}/:entry/retirer`,
      action(removal, "readCases", {
        run: async (tx, input, { by, now, t, audit }) => {
          await removeEntry(tx, { reportId: input.id, by, now }, input.entry, input.version);
          audit("chronology.removed", "chronology_entry", input.entry);
          return { to: `/rapports/${input.id}/chronologie`, flash: { tone: "success", text: t("chronology.flash.removed") } };
        },
        again: (db, typed, problems, exchange) => entryPage(db, String(typed.id), String(typed.entry), exchange, { typed, problems }),
      }),
    )
    .post(
      `${here}/:entry/facteur`,
      action(tie, "readCases", {
        run: async (tx, input, { by, now, t, audit }) => {
          const { anchor } = await tieEntry(tx, { reportId: input.id, by, now }, input.entry, input.about);
          audit("chronology.tied", "chronology_entry", input.entry);
          return { to: `/rapports/${input.id}/codage#${anchor}`, flash: { tone: "success", text: t("chronology.flash.tied") } };
        },
        again: (db, typed, problems, exchange) => chronologyPage(db, String(typed.id), exchange, typed, problems, String(typed.entry)),
      }),
    );
}
