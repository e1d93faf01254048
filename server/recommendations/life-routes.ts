import { Router } from "express";
import { z } from "zod";
import type { Db, Tx } from "../../db/schema.ts";
import { ANSWERS, IMPLEMENTATIONS, type RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import { currentCodebook } from "../codebook/store.ts";
import { actOnRecommendation, findRecommendation } from "../follow-up/act.ts";
import { recordAnswer } from "../follow-up/answer.ts";
import { queueAcknowledgement } from "../follow-up/mail.ts";
import { receiveProofs, takeProofs } from "../follow-up/proofs.ts";
import { checkLines } from "../follow-up/wording.ts";
import type { Context } from "../http/context.ts";
import { Invalid, NotFound } from "../http/errors.ts";
import { choice, date, optional, optionalDate, required, seenVersion, several, text } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import { type Exchange, handlers, type Outcome } from "../http/handlers.ts";
import type { Key } from "../http/words.ts";
import { ACT_SLUGS, type ActType } from "./acts.ts";
import { dropDraft, saveDraft } from "./drafts.ts";
import { draftForm } from "./form-page.ts";
import {
  type Acting,
  assessAnswer,
  assessImplementation,
  CHANNELS,
  changeDeadlines,
  findNoAnswer,
  issueRecommendation,
  recordReceipt,
  reopenRecommendation,
  sendReminder,
} from "./life.ts";
import { type OtherForm, recommendation } from "./show-page.ts";
import { TIE_KINDS, tieRecommendation, untieRecommendation } from "./ties.ts";

const byReference = { reference: z.string() };
const act = { ...byReference, version: seenVersion() };
const reason = { reason: required(2000) };
const comment = { comment: required(4000) };
const staged = { staged: several(10) };
const paper = { onDate: date(), channel: choice(CHANNELS), proofReference: optional(200), ...staged };
const recipient = { contact: optional(60), recipient: optional(300) };
const draftShape = {
  text: required(4000),
  addressee: required(60),
  level: required(60),
  theme: required(60),
  type: required(60),
  associated: several(40),
  deadline: optionalDate(),
  proofExpected: optional(1000),
  crossFindings: several(500),
};
const filesIn = (typed: { staged?: readonly string[] | undefined }) => typed.staged ?? [];

/** The forms of a recommendation's life: from its draft to its closing, and the files that came with it. */
export function lifeRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const router = Router();

  /** One act of the machine: its address, its fields, and what it writes. Answers with the page of the recommendation. */
  const route = <Shape extends z.ZodRawShape>(
    type: ActType,
    shape: Shape,
    run: (tx: Tx, acting: Acting, input: z.output<z.ZodObject<Shape>>, exchange: Exchange) => Promise<unknown>,
  ) => {
    const slug = ACT_SLUGS[type];
    const withFiles = "staged" in shape;
    const schema = z.strictObject({ ...act, ...shape });
    router.post(
      `/recommandations/:reference/${slug}`,
      action(schema, "readFigures", {
        ...(withFiles && {
          prepare: async (input, exchange, db) => {
            await findRecommendation(db, (input as { reference: string }).reference);
            await receiveProofs(exchange, db, filesIn(input as { staged?: string[] }));
          },
        }),
        run: async (tx, input, exchange): Promise<Outcome> => {
          const { reference, version } = input as z.output<z.ZodObject<typeof act>>;
          const { by, now, t, audit } = exchange;
          const acting: Acting = { reference, seenVersion: version, by, now };
          await run(tx, acting, input as unknown as z.output<z.ZodObject<Shape>>, exchange);
          audit(`recommendation.${slug}`, "recommendation", reference);
          return { to: `/recommandations/${reference}`, flash: { tone: "success", text: t(`recommendations.done.${type}`) } };
        },
        again: (db, typed, problems, exchange) => recommendation(db, String(typed.reference), exchange, slug, typed, problems),
      }),
    );
  };
  /** Acts that only move the recommendation. */
  const moves = (tx: Tx, { reference, seenVersion, by, now }: Acting, type: "RECOMMENDATION_APPROVED" | "ANSWER_ACKNOWLEDGED") =>
    actOnRecommendation(tx, { reference, seenVersion, event: { type, by }, now });
  const movesFor = (
    tx: Tx,
    { reference, seenVersion, by, now }: Acting,
    type: Extract<RecommendationEvent, { reason: string }>["type"],
    why: string,
  ) => actOnRecommendation(tx, { reference, seenVersion, event: { type, by, reason: why } as RecommendationEvent, now });

  route("RECOMMENDATION_APPROVED", {}, (tx, acting) => moves(tx, acting, "RECOMMENDATION_APPROVED"));
  route("RECOMMENDATION_RETURNED", reason, (tx, acting, input) => movesFor(tx, acting, "RECOMMENDATION_RETURNED", input.reason));
  route("RECOMMENDATION_ISSUED", { ...paper, ...recipient, deadline: date(), answerDue: date() }, async (tx, acting, input, exchange) => {
    const [proof = null] = await takeProofs(tx, exchange, "proof", 1);
    await issueRecommendation(tx, acting, { ...input, proof });
  });
  route("RECEIPT_RECORDED", paper, async (tx, acting, input, exchange) => {
    const [proof = null] = await takeProofs(tx, exchange, "proof", 1);
    await recordReceipt(tx, acting, { ...input, proof });
  });
  route("REMINDER_SENT", { ...paper, ...recipient }, async (tx, acting, input, exchange) => {
    const [proof = null] = await takeProofs(tx, exchange, "proof", 1);
    await sendReminder(tx, acting, { ...input, proof });
  });
  route("DEADLINES_CHANGED", { deadline: date(), answerDue: optionalDate(), ...reason }, changeDeadlines);
  route(
    "ANSWER_RECEIVED",
    {
      said: choice(ANSWERS),
      text: required(10_000),
      answeredOn: date(),
      plannedFor: optionalDate(),
      respondent: required(300),
      ...staged,
    },
    async (tx, { reference, seenVersion, by, now }, { said, text: words, answeredOn, plannedFor, respondent }, exchange) => {
      const proofs = await takeProofs(tx, exchange, "proof");
      if (answeredOn > dayOf(now)) throw new Invalid({ answeredOn: "recommendations.life.dateAhead" });
      if (plannedFor !== null && plannedFor < answeredOn) throw new Invalid({ plannedFor: "recommendations.life.plannedBefore" });
      const given = { said, text: words, answeredOn, plannedFor, respondent };
      await recordAnswer(tx, { reference, seenVersion, by, given, proofs, now });
    },
  );
  route("ANSWER_ACKNOWLEDGED", {}, async (tx, acting, _input, exchange) => {
    const row = await moves(tx, acting, "ANSWER_ACKNOWLEDGED");
    const answer = await tx
      .selectFrom("recommendation_answer")
      .select(["link_id", "received_at"])
      .where("recommendation_id", "=", row.id)
      .orderBy("number", "desc")
      .executeTakeFirst();
    if (answer) await queueAcknowledgement(tx, exchange.context.config, row, answer, acting);
  });
  route("ANSWER_ASSESSED", { value: choice(["acceptable", "acceptable_alternative", "unacceptable"]), ...comment }, assessAnswer);
  route("NO_ANSWER_FOUND", comment, (tx, acting, input) => findNoAnswer(tx, acting, input.comment));
  route("IMPLEMENTATION_ASSESSED", { value: choice(IMPLEMENTATIONS), onDate: date(), ...comment }, assessImplementation);
  route("RECOMMENDATION_MAINTAINED", reason, (tx, acting, input) => movesFor(tx, acting, "RECOMMENDATION_MAINTAINED", input.reason));
  route("RECOMMENDATION_CLOSED", reason, (tx, acting, input) => movesFor(tx, acting, "RECOMMENDATION_CLOSED", input.reason));
  route("RECOMMENDATION_REOPENED", { answerDue: date(), deadline: date(), ...reason }, reopenRecommendation);
  route("RECOMMENDATION_WITHDRAWN", reason, (tx, acting, input) => movesFor(tx, acting, "RECOMMENDATION_WITHDRAWN", input.reason));

  const again =
    (form: OtherForm) => (db: Db, typed: Parameters<typeof recommendation>[4], problems: Record<string, string>, exchange: Exchange) =>
      recommendation(db, String(typed?.reference), exchange, form, typed, problems);
  const done = (reference: string, { t }: Exchange, key: Key): Outcome => ({
    to: `/recommandations/${reference}`,
    flash: { tone: "success", text: t(key) },
  });
  return router
    .post(
      "/recommandations/:reference/rapprocher",
      action(z.strictObject({ ...act, target: required(40), kind: choice(TIE_KINDS) }), "readFigures", {
        run: async (tx, { reference, version, target, kind }, exchange) => {
          const { by, now, audit } = exchange;
          await tieRecommendation(tx, { reference, seenVersion: version, kind, target, by, now });
          audit("recommendation.tied", "recommendation", reference, { kind });
          return done(reference, exchange, "recommendations.done.RECOMMENDATION_TIED");
        },
        again: again("rapprocher"),
      }),
    )
    .post(
      "/recommandations/:reference/defaire",
      action(z.strictObject({ ...act, kind: choice(TIE_KINDS) }), "readFigures", {
        run: async (tx, { reference, version, kind }, exchange) => {
          const { by, now, audit } = exchange;
          await untieRecommendation(tx, { reference, seenVersion: version, kind, by, now });
          audit("recommendation.untied", "recommendation", reference, { kind });
          return done(reference, exchange, "recommendations.done.RECOMMENDATION_UNTIED");
        },
        again: again("defaire"),
      }),
    )
    .post(
      "/recommandations/:reference/supprimer",
      action(z.strictObject(act), "readFigures", {
        run: async (tx, { reference, version }, { by, now, t, audit }) => {
          await dropDraft(tx, { reference, seenVersion: version, by, now });
          audit("recommendation.dropped", "recommendation", reference);
          return { to: "/recommandations", flash: { tone: "success", text: t("recommendations.done.dropped", { reference }) } };
        },
        again: again("supprimer"),
      }),
    )
    .get(
      "/recommandations/:reference/modifier",
      page(z.object(byReference), "readFigures", (db, { reference }, exchange) => draftForm(db, reference, "", exchange)),
    )
    .post(
      "/recommandations/:reference/modifier",
      action(z.strictObject({ ...act, ...draftShape }), "readFigures", {
        run: async (tx, { reference, version, proofExpected: proof_expected, ...given }, exchange) => {
          const { by, now, audit } = exchange;
          await saveDraft(tx, { reference, seenVersion: version, by, now }, { ...given, proof_expected });
          audit("recommendation.written", "recommendation", reference);
          return done(reference, exchange, "recommendations.done.RECOMMENDATION_WRITTEN");
        },
        again: (db, typed, problems, exchange) => draftForm(db, String(typed.reference), "", exchange, typed, problems),
      }),
    )
    .get(
      "/recommandations/:reference/pieces/:id",
      page(z.object({ ...byReference, id: z.string().max(60) }), "readFigures", async (db, { reference, id }, { audit }) => {
        const { id: recommendationId } = await findRecommendation(db, reference);
        const file = await paperOf(db, recommendationId, id);
        audit("recommendation.file-downloaded", "recommendation", reference, { file: id });
        return {
          kind: "file",
          type: file.media_type.startsWith("text/") ? "text/plain; charset=utf-8" : file.media_type,
          name: file.file_name,
          bytes: file.bytes,
        };
      }),
    );
}

/** The form of a draft that does not exist yet, and the checks of its words while it is typed. */
export function draftRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  return Router()
    .get(
      "/recommandations/nouvelle",
      page(z.object({ constat: z.string().max(40).catch("") }), "readFigures", (db, { constat }, exchange) =>
        draftForm(db, null, constat, exchange),
      ),
    )
    .post(
      "/recommandations/nouvelle",
      action(z.strictObject({ version: seenVersion(), ...draftShape }), "readFigures", {
        run: async (tx, { version, proofExpected: proof_expected, ...given }, exchange) => {
          const { by, now, t, audit } = exchange;
          const reference = await saveDraft(tx, { reference: null, seenVersion: version, by, now }, { ...given, proof_expected });
          audit("recommendation.written", "recommendation", reference);
          return {
            to: `/recommandations/${reference}`,
            flash: { tone: "success", text: t("recommendations.done.written", { reference }) },
          };
        },
        again: (db, typed, problems, exchange) => draftForm(db, null, "", exchange, typed, problems),
      }),
    )
    .post(
      "/recommandations/verifier",
      action(
        z.strictObject({
          text: text(4000),
          addressee: text(60),
          deadline: text(10),
          proofExpected: text(1000),
          findings: z.coerce.number().int().min(0).max(1000),
        }),
        "readFigures",
        {
          run: async (tx, { text: words, addressee, deadline, proofExpected, findings }, { now, language, t }) => {
            const { recommendation: lists } = await currentCodebook(tx);
            const wording = { text: words, addressee, deadline: deadline || null, proof_expected: proofExpected || null, findings };
            return { to: "/recommandations/nouvelle", json: { checks: checkLines(wording, dayOf(now), lists.wordingChecks, language, t) } };
          },
          again: (db, typed, problems, exchange) => draftForm(db, null, "", exchange, typed, problems),
        },
      ),
    );
}

/** A file of a recommendation: what proves a dispatch, or what came with an answer. @throws NotFound */
async function paperOf(db: Db, recommendationId: string, id: string) {
  const sent = await db
    .selectFrom("recommendation_dispatch")
    .select(["file_name", "media_type", "bytes"])
    .where("id", "=", id)
    .where("recommendation_id", "=", recommendationId)
    .executeTakeFirst();
  if (sent?.bytes && sent.file_name && sent.media_type)
    return { file_name: sent.file_name, media_type: sent.media_type, bytes: sent.bytes };
  const proof = await db
    .selectFrom("answer_proof")
    .innerJoin("recommendation_answer", "recommendation_answer.id", "answer_proof.answer_id")
    .select(["answer_proof.file_name", "answer_proof.media_type", "answer_proof.bytes"])
    .where("answer_proof.id", "=", id)
    .where("recommendation_answer.recommendation_id", "=", recommendationId)
    .executeTakeFirst();
  if (!proof) throw new NotFound();
  return proof;
}
