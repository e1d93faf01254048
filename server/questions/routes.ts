import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { NotFound } from "../http/errors.ts";
import { optional, optionalWhole, type Problems, required, type Typed } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { findReport } from "../reports/queries.ts";
import { questionsPage, threadPage } from "./pages.ts";
import { findQuestion, QUESTION_STATES } from "./queries.ts";
import { viewpointOf } from "./viewpoint.ts";
import { answerQuestion, askQuestion, LONGEST_POST, turnQuestion } from "./write.ts";

const code = z.string().max(100);
const address = z.object({
  id: z.string(),
  etat: z.enum(QUESTION_STATES).optional().catch(undefined),
  /** What the question to ask is about, as the coding page links to it. */
  facteur: code.optional(),
  sujet: code.optional(),
  passage: code.optional(),
});
const token = z.string().regex(/^[\w-]{22}$/);
const audience = z
  .enum(["0", "1", "2"], "http.invalid.choice")
  .optional()
  .transform((value) => Number(value ?? 0) as 0 | 1 | 2);
const post = { id: z.string(), token, text: required(LONGEST_POST), to: optional(100), audience };
const askForm = z.strictObject({
  ...post,
  about: required(200),
  passage: optional(100),
  document: optionalWhole(1, 100_000),
  quote: optional(5_000),
});
const answerForm = z.strictObject({ ...post, question: z.string() });
const turnForm = z.strictObject({ id: z.string(), question: z.string(), token, seen: z.coerce.number().int().min(0).max(100_000) });

/** Every URL of this room. */
export function questionRoutes(context: Context): Router {
  const { page, action } = handlers(context);

  const list = async (
    db: Db,
    asked: {
      id: string;
      etat?: (typeof QUESTION_STATES)[number] | undefined;
      facteur?: string | undefined;
      sujet?: string | undefined;
      passage?: string | undefined;
    },
    typed: Typed | null,
    problems: Problems,
    exchange: Exchange,
  ) => {
    const report = await findReport(db, asked.id, exchange.by);
    exchange.audit("questions-read", "report", report.id);
    return questionsPage(db, report, await viewpointOf(db, report, exchange.by), asked, typed, problems, exchange);
  };
  const thread = async (db: Db, id: string, question: string, typed: Typed | null, problems: Problems, exchange: Exchange) => {
    const report = await findReport(db, id, exchange.by);
    const view = await viewpointOf(db, report, exchange.by);
    const found = await findQuestion(db, id, question, view);
    if (!found) throw new NotFound();
    exchange.audit("question-read", "question", question);
    return threadPage(db, report, view, found, typed, problems, exchange);
  };
  const threadAgain = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    thread(db, String(typed.id), String(typed.question), typed, problems, exchange);

  const turn = (word: "closed" | "reopened") =>
    action(turnForm, "readCases", {
      run: async (tx, form, { by, now, t, audit }) => {
        await turnQuestion(tx, { reportId: form.id, by, now, token: form.token }, form.question, word, form.seen);
        audit(`question-${word}`, "question", form.question);
        return { to: `/rapports/${form.id}/questions/${form.question}`, flash: { tone: "success", text: t(`questions.flash.${word}`) } };
      },
      again: threadAgain,
    });

  return Router()
    .get(
      "/rapports/:id/questions",
      page(address, "readCases", (db, asked, exchange) => list(db, asked, null, {}, exchange)),
    )
    .get(
      "/rapports/:id/questions/:question",
      page(z.object({ id: z.string(), question: z.string() }), "readCases", (db, { id, question }, exchange) =>
        thread(db, id, question, null, {}, exchange),
      ),
    )
    .post(
      "/rapports/:id/questions",
      action(askForm, "readCases", {
        run: async (tx, { id, token: made, ...given }, { by, now, t, audit }) => {
          const question = await askQuestion(tx, { reportId: id, by, now, token: made }, given);
          audit("question-asked", "question", question);
          return { to: `/rapports/${id}/questions/${question}`, flash: { tone: "success", text: t("questions.flash.question") } };
        },
        again: (db, typed, problems, exchange) => list(db, { id: String(typed.id) }, typed, problems, exchange),
      }),
    )
    .post(
      "/rapports/:id/questions/:question/reponse",
      action(answerForm, "readCases", {
        run: async (tx, { id, question, token: made, ...given }, { by, now, t, audit }) => {
          await answerQuestion(tx, { reportId: id, by, now, token: made }, question, given);
          audit("question-answered", "question", question);
          return { to: `/rapports/${id}/questions/${question}#suite`, flash: { tone: "success", text: t("questions.flash.answer") } };
        },
        again: threadAgain,
      }),
    )
    .post("/rapports/:id/questions/:question/fermer", turn("closed"))
    .post("/rapports/:id/questions/:question/rouvrir", turn("reopened"));
}
