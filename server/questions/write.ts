import type { Db, QuestionTable, ReportTable, Side, Tx } from "../../db/schema.ts";
import { type Actor, holds } from "../../workflows/actor.ts";
import { asksBothDirections, REVERSE } from "../codebook/definition.ts";
import { codebookVersion } from "../codebook/store.ts";
import { locateQuote, sliceByCodePoints } from "../documents/quotes.ts";
import type { Page } from "../documents/read-document.ts";
import { BadRequest, Conflict, Invalid, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { translator } from "../http/words.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import { listCaseWorkers, namedIn, refuseBlindMentions } from "./mentions.ts";
import { findByToken, findQuestion, type Post, type Thread } from "./queries.ts";
import { sideOf, type Viewpoint, viewpointOf } from "./viewpoint.ts";

/** Longest text of a question or an answer, in characters. */
export const LONGEST_POST = 5_000;

type Saying = { reportId: string; by: Actor; now: string; token: string };
type Said = { text: string; to: string | null; audience: 0 | 1 | 2 };
type Place = Pick<QuestionTable, "document_id" | "starts" | "ends" | "page" | "quote">;

/** Words typed or copied from a document, found in its text; of a scan, as they were typed. @throws Invalid */
async function placeOfQuote(tx: Tx, reportId: string, number: number | null, quote: string): Promise<Place> {
  const document = await tx
    .selectFrom("document")
    .select(["id", "text", "pages", "has_text"])
    .where("report_id", "=", reportId)
    .where("number", "=", number ?? 1)
    .executeTakeFirst();
  if (!document) throw new Invalid({ document: "http.invalid.choice" });
  if (document.has_text === 0) return { document_id: document.id, starts: null, ends: null, page: null, quote };
  const pages = JSON.parse(document.pages) as Page[];
  const found = locateQuote({ text: document.text, pages }, quote);
  if (!found) throw new Invalid({ quote: "questions.problem.quoteNotFound" });
  const page = pages.find(({ start, end }) => found.start >= start && found.start < end)?.number ?? null;
  const words = sliceByCodePoints(document.text, found.start, found.end);
  return { document_id: document.id, starts: found.start, ends: found.end, page, quote: words };
}

/** A passage that this person may see: while two code blind, a coder's own ones only. */
export async function findPassage(db: Db | Tx, reportId: string, id: string, view: Viewpoint) {
  const { blind, layers } = view;
  return db
    .selectFrom("passage")
    .innerJoin("document", "document.id", "passage.document_id")
    .select(["passage.document_id", "passage.starts", "passage.ends", "passage.page", "passage.quote", "document.number as document"])
    .where("passage.report_id", "=", reportId)
    .where("passage.id", "=", id)
    .$if(blind && !view.reads({ side: 3 }), (q) =>
      q.where((e) =>
        e.exists(
          e
            .selectFrom("coding_passage")
            .innerJoin("coding", "coding.id", "coding_passage.coding_id")
            .select("coding.id")
            .whereRef("coding_passage.passage_id", "=", "passage.id")
            .where("coding.layer", "in", layers.length > 0 ? [...layers] : [0 as 1]),
        ),
      ),
    )
    .executeTakeFirst();
}

/** "report", or "factor subject": what a form says its question is about. @throws Invalid for "about" */
async function aboutOf(tx: Tx, report: ReportTable, about: string): Promise<Pick<QuestionTable, "factor" | "subject">> {
  if (about === "report") return { factor: null, subject: null };
  const [code = "", subject = ""] = about.split(" ");
  const { factors } = await codebookVersion(tx, report.codebook_version);
  const factor = factors.find((one) => one.code === code);
  const people = factor && factor.appliesTo !== "case" ? await peopleOf(tx, report.id) : [];
  const known =
    factor &&
    (factor.appliesTo === "case"
      ? subject === "case" || (subject === REVERSE && asksBothDirections(report, factor))
      : people.some(({ id, kind }) => id === subject && kind === factor.appliesTo));
  if (!known) throw new Invalid({ about: "http.invalid.choice" });
  return { factor: code, subject };
}

/** Adds a post; false when the same form made it before. */
async function addPost(
  tx: Tx,
  { by, now, token }: Saying,
  post: { question: string; kind: Post["kind"]; side: Side; text: string | null },
): Promise<number | null> {
  const row = await tx
    .insertInto("question_post")
    .values({ question_id: post.question, kind: post.kind, side: post.side, text: post.text, by: by.id, at: now, token })
    .onConflict((conflict) => conflict.column("token").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row ? Number(row.id) : null;
}

async function mention(tx: Tx, report: ReportTable, side: Side, { text, to }: Said): Promise<(post: number) => Promise<void>> {
  const people = await listCaseWorkers(tx);
  const named = [
    ...namedIn(text, people).map((one) => ({ ...one, field: "text" as const })),
    ...(to === null ? [] : [{ accountId: to, written: people.find(({ id }) => id === to)?.name ?? "", field: "to" as const }]),
  ];
  await refuseBlindMentions(tx, report, side, named, people);
  const once = [...new Map(named.toReversed().map((one) => [one.accountId, one])).values()];
  return async (post) => {
    if (once.length === 0) return;
    await tx
      .insertInto("question_mention")
      .values(once.map(({ accountId, written }) => ({ post_id: post, account_id: accountId, written })))
      .execute();
  };
}

/**
 * Asks a question. The same form sent twice asks once.
 * @param about "report" or "factor subject"
 * @param passage the id of a passage of the report, or null
 * @returns the question's id
 * @throws Invalid, NotFound
 */
export async function askQuestion(
  tx: Tx,
  saying: Saying,
  given: Said & { about: string; passage: string | null; document: number | null; quote: string | null },
): Promise<string> {
  const { reportId, by, now, token } = saying;
  const report = await findReport(tx, reportId, by);
  const known = await findByToken(tx, token, by.id);
  if (known) return known;
  const view = await viewpointOf(tx, report, by);
  const about = await aboutOf(tx, report, given.about);
  let place: Place | null = null;
  if (given.passage) {
    const found = await findPassage(tx, reportId, given.passage, view);
    if (!found) throw new Invalid({ quote: "questions.problem.passageGone" });
    const { document: _, ...kept } = found;
    place = kept;
  } else if (given.quote) place = await placeOfQuote(tx, reportId, given.document, given.quote);
  const side = sideOf(report, view, given.audience);
  const tell = await mention(tx, report, side, given);
  // The form's own word names the question, so that the same form, even at the same moment, asks once.
  const id = token;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("question")
    .values({
      id,
      report_id: reportId,
      target: place ? "passage" : about.factor === null ? "report" : "factor",
      ...about,
      ...(place ?? { document_id: null, starts: null, ends: null, page: null, quote: null }),
      side,
      asked_by: by.id,
      asked_at: now,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) {
    if ((await findByToken(tx, token, by.id)) !== id) throw new BadRequest();
    return id;
  }
  const post = await addPost(tx, saying, { question: id, kind: "question", side, text: given.text });
  if (post !== null) await tell(post);
  return id;
}

const threadFor = async (tx: Tx, { reportId, by }: Saying, id: string) => {
  const report = await findReport(tx, reportId, by);
  const view = await viewpointOf(tx, report, by);
  const thread = await findQuestion(tx, reportId, id, view);
  if (!thread) throw new NotFound();
  return { report, view, thread };
};

/**
 * Answers, or adds to one's own question. The same form sent twice answers once.
 * @throws Invalid when the thread is closed or names somebody who may not read it; NotFound
 */
export async function answerQuestion(tx: Tx, saying: Saying, id: string, given: Said): Promise<void> {
  const { report, view, thread } = await threadFor(tx, saying, id);
  if (await findByToken(tx, saying.token, saying.by.id)) return;
  if (thread.state === "closed") throw new Invalid({ text: "questions.problem.closed" });
  const chosen = thread.side === 1 || thread.side === 2 ? thread.side : given.audience;
  const side = thread.side === 3 ? 3 : sideOf(report, view, chosen);
  const tell = await mention(tx, report, side, given);
  const post = await addPost(tx, saying, { question: id, kind: "answer", side, text: given.text });
  if (post !== null) await tell(post);
}

/** Whether this person closes a question and opens it again: whoever asked it, or a coordinator. */
export const mayClose = (thread: Pick<Thread, "asked_by">, by: Actor): boolean => thread.asked_by === by.id || holds(by, "coordinator");

/**
 * Closes a question, or opens it again.
 * @param seen how many posts the page showed
 * @throws Refusal for whoever neither asked nor coordinates; Conflict when something was said meanwhile; NotFound
 */
export async function turnQuestion(tx: Tx, saying: Saying, id: string, turn: "closed" | "reopened", seen: number): Promise<void> {
  const { report, view, thread } = await threadFor(tx, saying, id);
  const back = `/rapports/${saying.reportId}/questions/${id}`;
  if (await findByToken(tx, saying.token, saying.by.id)) return;
  if (!mayClose(thread, saying.by)) throw new Refusal((language) => [translator(language)("questions.refusal.close")], back);
  if (thread.posts.length !== seen || (thread.state === "closed") === (turn === "closed"))
    throw new Conflict<Db>(async (_db, language) => {
      const t = translator(language);
      return thread.posts.slice(Math.min(seen, thread.posts.length - 1)).map(({ at, name, kind, text }) => ({
        at: instant(at, language),
        iso: at,
        who: name,
        what: t(`questions.happened.${kind}`),
        why: text,
      }));
    }, back);
  const chosen = thread.side === 1 || thread.side === 2 ? thread.side : 0;
  const side = thread.side === 3 ? 3 : sideOf(report, view, chosen);
  await addPost(tx, saying, { question: id, kind: turn, side, text: null });
}
