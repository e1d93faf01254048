import { type Request, type RequestHandler, Router } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { z } from "zod";
import { dialectOf } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { AnswerLinkTable, Db, RecommendationTable, Tx } from "../../db/schema.ts";
import { ANSWERS } from "../../workflows/recommendation.machine.ts";
import { actOnRecommendation } from "../follow-up/act.ts";
import { recordAnswer } from "../follow-up/answer.ts";
import { holdLinkBehind, linkBehind } from "../follow-up/links.ts";
import { MOST_PROOFS } from "../follow-up/proofs.ts";
import type { Context } from "../http/context.ts";
import { Invalid, NotFound, TooMany } from "../http/errors.ts";
import { date, optionalDate, type Problems, required, several, type Typed } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import { languageOf, sendView } from "../http/frame.ts";
import { type Exchange, handlers, type Signed } from "../http/handlers.ts";
import { network } from "../http/network.ts";
import { INVALID_CSRF } from "../http/security.ts";
import type { View } from "../http/views.ts";
import { translator } from "../http/words.ts";
import { answerPage, FOLLOWED, isOpen, unknownPage } from "./answer-page.ts";
import { receiveFiles, takeFiles } from "./link-files.ts";

const bySecret = { secret: z.string().max(200) };
const pageQuery = z.object(bySecret);
const receiptForm = z.strictObject(bySecret);
const answerForm = z.strictObject({
  ...bySecret,
  nonce: z.string().regex(/^[\w-]{22}$/),
  said: z.enum(ANSWERS, "answers.page.saidMissing"),
  text: required(8_000),
  answeredOn: date(),
  plannedFor: optionalDate(),
  name: required(120),
  function: required(160),
  kept: several(MOST_PROOFS * 2),
});
type AnswerInput = z.output<typeof answerForm>;
/** Answers that something is still to be done after. */
const PLANNED: readonly AnswerInput["said"][] = ["accepted", "partly_accepted", "in_progress", "partly_implemented"];

/** Guesses from one place, and forms with files through one link, in a quarter of an hour. */
const WINDOW_SECONDS = 15 * 60;
const GUESSES = 60;
const UPLOADS = 40;

const PLACE = /^\/reponse\/([^/]+)/i;
const secretIn = (request: Request): string | null => {
  const [, part] = PLACE.exec(request.path) ?? [];
  try {
    return part === undefined ? null : decodeURIComponent(part);
  } catch {
    return null;
  }
};

const secondsOf = (refused: unknown): never => {
  if (!(refused instanceof RateLimiterRes)) throw refused;
  throw new TooMany(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
};

/**
 * For every address of a personal link, to stand before forms are read: nothing of it is kept by browsers, found by search engines or told to
 * other sites; and a form with files is read where the link exists.
 */
export function personalLinkHeaders({ database }: Context): RequestHandler {
  const uploads = new RateLimiterMemory({ points: UPLOADS, duration: WINDOW_SECONDS });
  return async (request, response, next) => {
    if (!PLACE.test(request.path)) return next();
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("X-Robots-Tag", "noindex, nofollow");
    const secret = request.method === "POST" && request.is("multipart/form-data") ? secretIn(request) : null;
    const link = secret === null ? undefined : await linkBehind(database.db, secret);
    if (link) {
      await uploads.consume(link.id).catch(secondsOf);
      request.visitorFiles = MOST_PROOFS * 2;
    }
    next();
  };
}

/** What an addressee may do without an account: read one recommendation, say that it came, answer it once. */
export function publicAnswerRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const { database, clock } = context;
  const guesses = new RateLimiterMemory({ points: GUESSES, duration: WINDOW_SECONDS });

  /** Counts addresses that no link has, and lets nobody go on who tried too many; a right one costs nothing. */
  const countGuesses: RequestHandler = async (request, _response, next) => {
    const from = network(request.ip ?? "");
    const known = await guesses.get(from);
    if (known && known.remainingPoints <= 0) secondsOf(known);
    if (!(await linkBehind(database.db, String(request.params.secret)))) await guesses.consume(from).catch(secondsOf);
    next();
  };

  /** A form of a page that stood open for longer than its session: drawn again with all that was typed, and nothing done. */
  const drawStaleForm: RequestHandler = async (request, response, next) => {
    if (!request.staleForm) return next();
    const secret = String(request.params.secret);
    const link = await linkBehind(database.db, secret);
    if (!link) throw INVALID_CSRF;
    const { _csrf, ...typed } = (request.body ?? {}) as Typed;
    const language = languageOf(request);
    const visit = { t: translator(language), language, now: clock().toISOString(), context, files: request.files ?? [] };
    const inside = request.user !== undefined;
    sendView(
      context,
      request,
      response,
      await answerPage(database.db, link, visit, { typed, problems: {}, inside, stale: true, nonce: nonceOf(typed), secret }),
    );
  };

  const draw = async (db: Db, secret: string, exchange: Exchange, typed: Typed | null = null, problems: Problems = {}): Promise<View> => {
    const link = await linkBehind(db, secret);
    if (!link) return unknownPage(exchange);
    const inside = (exchange.by as Signed | undefined) !== undefined;
    return answerPage(db, link, exchange, { typed, problems, inside, stale: false, nonce: nonceOf(typed), secret });
  };
  const again = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) => draw(db, String(typed.secret), exchange, typed, problems);

  return Router()
    .use("/reponse/:secret", countGuesses)
    .post(["/reponse/:secret", "/reponse/:secret/reception"], drawStaleForm)
    .get(
      "/reponse/:secret",
      page(pageQuery, "anyone", async (db, { secret }, exchange) => {
        const link = await linkBehind(db, secret);
        if (link && !exchange.by && isOpen(link, exchange.now)) {
          await db
            .updateTable("answer_link")
            .set({ opened_at: exchange.now })
            .where("id", "=", link.id)
            .where("opened_at", "is", null)
            .execute();
        }
        if (link) exchange.audit("answer-link-opened", "answer-link", link.id);
        return draw(db, secret, exchange);
      }),
    )
    .post(
      "/reponse/:secret/reception",
      action(receiptForm, "anyone", {
        run: async (tx, { secret }, exchange) => {
          const { now, t, audit } = exchange;
          const held = await hold(tx, secret, exchange);
          const to = `/reponse/${encodeURIComponent(secret)}`;
          if (!held) return { to };
          const { link, row } = held;
          const known = await tx
            .selectFrom("recommendation_dispatch")
            .select("id")
            .where("link_id", "=", link.id)
            .where("kind", "=", "receipt")
            .executeTakeFirst();
          if (known) return { to };
          await actOnRecommendation(tx, {
            reference: row.reference,
            seenVersion: row.version,
            event: { type: "RECEIPT_RECORDED", by: { link: link.id } },
            now,
            detail: { on: dayOf(now), channel: "link" },
          });
          await tx
            .insertInto("recommendation_dispatch")
            .values({
              id: newId(),
              recommendation_id: row.id,
              kind: "receipt",
              on_date: dayOf(now),
              channel: "link",
              contact_id: link.contact_id,
              recipient: link.recipient,
              proof_reference: null,
              file_name: null,
              media_type: null,
              bytes: null,
              digest: null,
              by: null,
              link_id: link.id,
              at: now,
            })
            .execute();
          audit("receipt-confirmed", "answer-link", link.id);
          return { to, flash: { tone: "success", text: t("answers.page.receiptThanks") } };
        },
        again,
      }),
    )
    .post(
      "/reponse/:secret",
      action(answerForm, "anyone", {
        prepare: async (input, exchange, db) => {
          const link = await linkBehind(db, input.secret);
          if (link && !exchange.by && isOpen(link, exchange.now)) await receiveFiles(exchange, db, link, input.kept);
        },
        run: async (tx, input, exchange) => {
          const { now, t, audit } = exchange;
          const to = `/reponse/${encodeURIComponent(input.secret)}`;
          const nonce = (link: AnswerLinkTable) => `${link.id}.${input.nonce}`;
          const held = await hold(tx, input.secret, exchange);
          if (!held) {
            const link = await linkBehind(tx, input.secret);
            if (!link || exchange.by) return { to };
            const first = await tx.selectFrom("recommendation_answer").select("nonce").where("link_id", "=", link.id).executeTakeFirst();
            // The same form twice is the same answer; another one, or one that comes too late, is shown again to be copied.
            if (first?.nonce === nonce(link)) return { to };
            throw new Invalid({});
          }
          const { link, row } = held;
          checkDates(input, row, now);
          const given = {
            said: input.said,
            text: input.text,
            answeredOn: input.answeredOn,
            plannedFor: input.plannedFor,
            respondent: `${input.name}, ${input.function}`,
          };
          const proofs = await takeFiles(tx, exchange, link);
          await recordAnswer(tx, {
            reference: row.reference,
            seenVersion: row.version,
            by: { link: link.id },
            given,
            proofs,
            nonce: nonce(link),
            now,
          });
          await tx
            .updateTable("answer_link")
            .set({ answered_at: now, opened_at: link.opened_at ?? now })
            .where("id", "=", link.id)
            .execute();
          audit("answer-received", "answer-link", link.id, { proofs: proofs.length });
          return { to, flash: { tone: "success", text: t("answers.page.thanks") } };
        },
        again,
      }),
    );
}

/** The nonce that a form came with, or one for a new form. */
const nonceOf = (typed: Typed | null): string => {
  const nonce = typed?.nonce;
  return typeof nonce === "string" && /^[\w-]{22}$/.test(nonce) ? nonce : newId();
};

/** The link and its recommendation, both held until the end of the transaction; null where nothing can be done through it now. */
async function hold(
  tx: Tx,
  secret: string,
  { by, now }: { by: Signed | undefined; now: string },
): Promise<{ link: AnswerLinkTable; row: RecommendationTable } | null> {
  // The recommendation first, then the link, as whoever revokes a link does: one waits for the other, never both.
  const behind = await linkBehind(tx, secret);
  if (behind && dialectOf(tx) === "postgres")
    await tx.selectFrom("recommendation").select("id").where("id", "=", behind.recommendation_id).forUpdate().execute();
  const link = await holdLinkBehind(tx, secret);
  if (!link || by || !isOpen(link, now)) return null;
  const row = await tx
    .selectFrom("recommendation")
    .selectAll()
    .where("id", "=", link.recommendation_id)
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();
  if (!row) throw new NotFound();
  return FOLLOWED.includes(row.state) ? { link, row } : null;
}

/** @throws Invalid naming the field */
function checkDates({ said, answeredOn, plannedFor }: AnswerInput, row: RecommendationTable, now: string): void {
  const today = dayOf(now);
  if (answeredOn > today) throw new Invalid({ answeredOn: "answers.page.answeredAhead" });
  if (row.issued_at && answeredOn < dayOf(row.issued_at)) throw new Invalid({ answeredOn: "answers.page.answeredBefore" });
  if (plannedFor === null) return;
  if (!PLANNED.includes(said)) throw new Invalid({ plannedFor: "answers.page.plannedUnfit" });
  if (plannedFor <= today) throw new Invalid({ plannedFor: "answers.page.plannedPast" });
}
