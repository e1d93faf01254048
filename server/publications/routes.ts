import { type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { PublicationEvent } from "../../workflows/publication.machine.ts";
import { TypesettingFailed } from "../exchange/pdf/typeset.ts";
import type { Context } from "../http/context.ts";
import { Invalid, Refusal } from "../http/errors.ts";
import { choice, type Problems, required, seenVersion, type Typed, text } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { translator } from "../http/words.ts";
import { composeLetter, digestOf } from "./compose.ts";
import { yearFigures } from "./figures.ts";
import { ACT_PATHS, type ActType, composePage, listPage, publicListPage, publicPage } from "./pages.ts";
import { typesetLetter } from "./pdf/typeset.ts";
import {
  applyPublicationEvent,
  createLetter,
  type Frozen,
  findPdf,
  findPublic,
  findPublication,
  frozenLetter,
  judgePublication,
  listPublic,
  listPublications,
  publicationActs,
  publicationFacts,
  publicationHistory,
} from "./queries.ts";

const byId = z.object({ id: z.string() });
const bySlug = z.object({ slug: z.string() });
const nothing = z.object({});
const newForm = z.strictObject({
  year: z
    .string()
    .trim()
    .regex(/^\d{4}$/, "publications.new.yearRange")
    .transform(Number),
  language: choice(["fr", "en"]),
  title: text(200).optional(),
});
const forewordForm = z.strictObject({ id: z.string(), version: seenVersion(), foreword: text(20_000) });
const actForm = z.strictObject({ id: z.string(), version: seenVersion() });
const reasonForm = actForm.extend({ reason: required(2_000) });

/** What the public reads may be kept five minutes by those who carry it. */
const PUBLIC_CACHE = "public, max-age=300";

/** Every URL of this room. */
export function publicationRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const { database, config, version: software } = context;
  const demo = config.demo;

  /** The letter as it reads with the data of now. */
  const composed = async (db: Db, publication: Awaited<ReturnType<typeof findPublication>>, now: string) =>
    composeLetter(await yearFigures(db, publication.year), { publication, demo, version: software, now });

  const letters = async (db: Db, { by, language, now, t }: Exchange, typed: Typed | null = null, problems: Problems = {}) =>
    listPage(await listPublications(db), { composes: may(by, "composePublications"), typed, problems, language, now, t });

  const oneLetter = async (
    db: Db,
    id: string,
    { by, language, now, t }: Exchange,
    failed: ActType | "BLOCKS_EDITED" | null = null,
    typed: Typed | null = null,
    problems: Problems = {},
  ) => {
    const publication = await findPublication(db, id);
    const facts = await publicationFacts(db, publication);
    return composePage({
      publication,
      acts: publicationActs(publication, facts, by, language),
      history: await publicationHistory(db, id, 0, language),
      letter: frozenLetter(publication) ?? (await composed(db, publication, now)),
      typed,
      problems,
      failed,
      language,
      t,
    });
  };

  /** An act without anything else to it than, for some, a reason. */
  const act = (type: Exclude<ActType, "SENT_TO_REVIEW">) => {
    const withReason = type === "RETURNED_TO_DRAFT" || type === "WITHDRAWN";
    return action(withReason ? reasonForm : actForm, "readDraftPublications", {
      run: async (tx, input, { by, now, t, audit }) => {
        const event = ("reason" in input ? { type, by, reason: input.reason } : { type, by }) as PublicationEvent;
        await applyPublicationEvent(tx, { id: input.id, seenVersion: input.version, event, now });
        audit(`publication.${ACT_PATHS[type]}`, "publication", input.id);
        return { to: `/redaction/${input.id}`, flash: { tone: "success", text: t(`publications.event.done.${type}`) } };
      },
      again: (db, typed, problems, exchange) => oneLetter(db, String(typed.id), exchange, type, typed, problems),
    });
  };

  // What `prepare` froze for the request under way.
  const prepared = new WeakMap<Exchange, Frozen>();

  const composition = Router()
    .get(
      "/redaction",
      page(nothing, "readDraftPublications", (db, _, exchange) => letters(db, exchange)),
    )
    .post(
      "/redaction",
      action(newForm, "composePublications", {
        run: async (tx, { year, language, title }, { by, now, t, audit }) => {
          if (year < 2006 || year > Number(now.slice(0, 4))) throw new Invalid({ year: "publications.new.yearRange" });
          const id = await createLetter(tx, {
            year,
            language,
            title: title?.replace(/\s+/g, " ") || translator(language)("publications.letter.defaultTitle", { year }),
            by,
            now,
          });
          audit("publication.creer", "publication", id);
          return { to: `/redaction/${id}`, flash: { tone: "success", text: t("publications.new.done") } };
        },
        again: (db, typed, problems, exchange) => letters(db, exchange, typed, problems),
      }),
    )
    .get(
      "/redaction/:id",
      page(byId, "readDraftPublications", (db, { id }, exchange) => oneLetter(db, id, exchange)),
    )
    .get(
      "/redaction/:id/apercu.pdf",
      page(byId, "readDraftPublications", async (db, { id }) => {
        const { slug } = await findPublication(db, id);
        const { bytes } = await findPdf(db, id);
        return { kind: "file", type: "application/pdf", name: `${slug}.pdf`, bytes, inline: true };
      }),
    )
    .post(
      "/redaction/:id/avant-propos",
      action(forewordForm, "readDraftPublications", {
        run: async (tx, { id, version, foreword }, { by, now, t, audit }) => {
          const to = `/redaction/${id}`;
          const event = { type: "BLOCKS_EDITED", by } as const;
          const { publication } = await judgePublication(tx, id, version, event);
          if (publication.foreword === foreword) return { to, flash: { tone: "info", text: t("publications.compose.unchanged") } };
          await applyPublicationEvent(tx, { id, seenVersion: version, event, now, foreword });
          audit("publication.avant-propos", "publication", id);
          return { to, flash: { tone: "success", text: t("publications.compose.saved") } };
        },
        again: (db, typed, problems, exchange) => oneLetter(db, String(typed.id), exchange, "BLOCKS_EDITED", typed, problems),
      }),
    )
    .post(
      "/redaction/:id/relecture",
      action(actForm, "readDraftPublications", {
        // The PDF is set before the transaction, which then makes sure that it is still the same letter.
        prepare: async ({ id, version }, exchange, db) => {
          const { publication } = await judgePublication(db, id, version, { type: "SENT_TO_REVIEW", by: exchange.by });
          const letter = await composed(db, publication, exchange.now);
          const frozen = JSON.stringify(letter);
          const pdf = await typesetLetter(letter).catch((error: unknown) => {
            if (!(error instanceof TypesettingFailed)) throw error;
            throw new Refusal((language) => [translator(language)("publications.event.notSet")], `/redaction/${id}`);
          });
          prepared.set(exchange, { frozen, digest: digestOf(frozen), pdf });
        },
        run: async (tx, { id, version }, exchange) => {
          const { by, now, t, audit } = exchange;
          const frozen = prepared.get(exchange)!;
          const event = { type: "SENT_TO_REVIEW", by } as const;
          const { publication } = await judgePublication(tx, id, version, event);
          if (digestOf(JSON.stringify(await composed(tx, publication, now))) !== frozen.digest)
            throw new Refusal((language) => [translator(language)("publications.event.dataMoved")], `/redaction/${id}`);
          await applyPublicationEvent(tx, { id, seenVersion: version, event, now, frozen });
          audit("publication.relecture", "publication", id);
          return { to: `/redaction/${id}`, flash: { tone: "success", text: t("publications.event.done.SENT_TO_REVIEW") } };
        },
        again: (db, typed, problems, exchange) => oneLetter(db, String(typed.id), exchange, "SENT_TO_REVIEW", typed, problems),
      }),
    );
  for (const type of ["RETURNED_TO_DRAFT", "APPROVED", "PUBLISHED", "WITHDRAWN"] as const)
    composition.post(`/redaction/:id/${ACT_PATHS[type]}`, act(type));

  /** The stored bytes, the same for everyone. A handler of its own: they may be kept on the way, under a tag that names them. */
  const publicPdf: RequestHandler = async (request, response) => {
    const { slug } = bySlug.parse(request.params);
    const found = await findPublic(database.db, slug);
    if (found.kind === "withdrawn") return response.redirect(303, `/publications/${slug}`);
    const { bytes, digest } = await findPdf(database.db, found.publication.id);
    response.setHeader("ETag", `"${digest}"`);
    response.setHeader("Cache-Control", PUBLIC_CACHE);
    if (request.headers["if-none-match"] === `"${digest}"`) return void response.status(304).end();
    response.setHeader("Content-Type", "application/pdf");
    response.setHeader("Content-Disposition", `inline; filename="${found.publication.slug}.pdf"`);
    response.setHeader("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
    response.end(bytes);
  };

  return composition
    .get(
      "/publications",
      page(nothing, "anyone", async (db, _, { language, t }) => publicListPage(await listPublic(db), { demo, language, t })),
    )
    .get("/publications/:slug.pdf", publicPdf)
    .get(
      "/publications/:slug",
      page(bySlug, "anyone", async (db, { slug }, { language, t }) => publicPage(await findPublic(db, slug), language, t)),
    );
}
