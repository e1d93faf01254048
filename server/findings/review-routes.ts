import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { Invalid } from "../http/errors.ts";
import { choice, optional, type Problems, required, seenVersion, several, type Typed, text } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import type { Key } from "../http/words.ts";
import { applyEvent } from "../reports/apply-event.ts";
import type { CardForm } from "./card-fields.ts";
import { recordDissent, withdrawDissent } from "./dissent.ts";
import { draftsPage } from "./drafts-page.ts";
import {
  acceptCorrection,
  acceptEdits,
  declineCorrection,
  declineEdits,
  proposeCorrection,
  proposeEdits,
  withdrawFinding,
} from "./proposals.ts";
import { type Elsewhere, queuePage } from "./queue-page.ts";
import { askSecondReview, confirmPublicStatement, decideFinding, publishFindings, RETURN_CATEGORIES } from "./review.ts";
import { nextUndecided, reviewPage } from "./review-page.ts";

const id = z.string().max(40);
const number = z.coerce.number().int().min(1).max(100_000);
const byId = z.object({ id });
const ofReport = { id, version: seenVersion() };
const ofFinding = { ...ofReport, number };
const act = z.strictObject(ofReport);
const actWithReason = z.strictObject({ ...ofReport, reason: required(2_000) });
const onFinding = z.strictObject(ofFinding);
const comment = text(4_000).optional();
const checks = several(10);
const words = { statement: required(5_000), publicStatement: optional(2_000), service: optional(200), reason: required(2_000) };
const decision = z.strictObject({
  ...ofFinding,
  decision: choice(["approve", "return"]),
  category: z.union([z.literal("").transform(() => null), choice(RETURN_CATEGORIES)]).optional(),
  comment,
  checks,
});
const edits = z.strictObject({ ...ofFinding, ...words, checks });
const answer = z.strictObject({ ...ofFinding, reason: required(2_000) });
const confirmation = z.strictObject({ ...ofFinding, comment, checks });
const proposedCorrection = z.strictObject({ ...ofFinding, ...words });
const correction = z.strictObject({ ...ofFinding, answer: choice(["accept", "decline"]), comment, checks });
const withdrawal = z.strictObject({ ...ofFinding, reason: required(2_000) });
const page = choice(["constats", "relecture"]);
const dissent = z.strictObject({ ...ofFinding, page, text: required(4_000) });
const dissentWithdrawal = z.strictObject({ ...ofFinding, dissent: z.string().max(40), page });
const queueQuery = z.object({ qui: z.enum(["moi", "tous"]).optional().catch(undefined) });

/** The URLs of the review, of what is proposed and said about findings, and of what is corrected once they are published. */
export function reviewRoutes(context: Context, elsewhere: Elsewhere): Router {
  const { page: show, action } = handlers(context);
  const drafts = "/rapports/:id/constats";
  const review = "/rapports/:id/relecture";
  /** The page that a form of a finding came from, drawn again with its problems. */
  const again =
    (form: CardForm, on: "constats" | "relecture" | null = "relecture") =>
    (db: Parameters<typeof reviewPage>[0], typed: Typed, problems: Problems, exchange: Exchange) => {
      const about = { number: Number(typed["number"]), form };
      const draw = (on ?? typed["page"]) === "constats" ? draftsPage : reviewPage;
      return draw(db, String(typed["id"]), exchange, typed, problems, about);
    };
  const withdrawn =
    ({ t }: Exchange) =>
    (edition: number) =>
      t("findings.review.withdrawal", { edition });
  return Router()
    .get(
      "/relecture",
      show(queueQuery, "readCases", (db, { qui }, exchange) => queuePage(db, qui ?? null, exchange, elsewhere)),
    )
    .get(
      review,
      show(byId, "readCases", (db, input, exchange) => reviewPage(db, input.id, exchange)),
    )
    .post(
      `${review}/renvoyer`,
      action(actWithReason, "readCases", {
        run: async (tx, { id: reportId, version, reason }, { by, now, t, audit }) => {
          await applyEvent(tx, { reportId, seenVersion: version, event: { type: "FINDINGS_RETURNED", by, reason }, now });
          audit("findings.return", "report", reportId);
          return { to: `/rapports/${reportId}/relecture`, flash: { tone: "success", text: t("findings.done.returned") } };
        },
        again: (db, typed, problems, exchange) => reviewPage(db, String(typed["id"]), exchange, typed, problems),
      }),
    )
    .post(
      `${review}/publier`,
      action(act, "readCases", {
        run: async (tx, { id: reportId, version }, exchange) => {
          const { by, now, t, audit } = exchange;
          const edition = await publishFindings(tx, { reportId, seenVersion: version, by, now }, withdrawn(exchange));
          audit("findings.publish", "report", reportId, { edition });
          return { to: `/rapports/${reportId}/relecture`, flash: { tone: "success", text: t("findings.done.published", { edition }) } };
        },
        again: (db, typed, problems, exchange) => reviewPage(db, String(typed["id"]), exchange, typed, problems),
      }),
    )
    .post(
      `${review}/:number`,
      action(decision, "readCases", {
        run: async (tx, { id: reportId, number: which, version, ...given }, { by, now, t, audit }) => {
          const { comment: why = "", category } = given;
          const problems: Record<string, Key> = {};
          if (given.decision === "return" && !category) problems["category"] = "findings.review.categoryNeeded";
          if (given.decision === "return" && why === "") problems["comment"] = "findings.review.commentNeeded";
          if (Object.keys(problems).length > 0) throw new Invalid(problems);
          const decided = given.decision === "approve" ? ("approved" as const) : ("returned" as const);
          await decideFinding(
            tx,
            { reportId, seenVersion: version, by, now },
            decided === "approved"
              ? { number: which, decision: decided, comment: why, checklist: given.checks }
              : { number: which, decision: decided, comment: why, category: category! },
          );
          audit(`finding.${given.decision}`, "report", reportId, { finding: which });
          const next = await nextUndecided(tx, reportId, which);
          return {
            to: `/rapports/${reportId}/relecture#${next === null ? "publier" : `constat-${next}`}`,
            flash: { tone: "success", text: t(`findings.done.${decided}One`, { number: which }) },
          };
        },
        again: again("decision"),
      }),
    )
    .post(
      `${review}/:number/proposer`,
      action(edits, "readCases", {
        run: async (tx, { id: reportId, number: which, version, checks: checklist, ...proposed }, { by, now, t, audit }) => {
          await proposeEdits(tx, { reportId, seenVersion: version, by, now }, { number: which, checklist, ...proposed });
          audit("finding.propose", "report", reportId, { finding: which });
          const next = await nextUndecided(tx, reportId, which);
          return {
            to: `/rapports/${reportId}/relecture#constat-${next ?? which}`,
            flash: { tone: "success", text: t("findings.done.proposed", { number: which }) },
          };
        },
        again: again("edits"),
      }),
    )
    .post(
      `${review}/:number/seconde-relecture`,
      action(onFinding, "readCases", {
        run: async (tx, { id: reportId, number: which, version }, { by, now, t, audit }) => {
          await askSecondReview(tx, { reportId, seenVersion: version, by, now }, which);
          audit("finding.second-review", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/relecture#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.secondAsked", { number: which }) },
          };
        },
        again: again("decision"),
      }),
    )
    .post(
      `${review}/:number/confirmer`,
      action(confirmation, "readCases", {
        run: async (tx, { id: reportId, number: which, version, comment: why = "", checks: checklist }, { by, now, t, audit }) => {
          await confirmPublicStatement(tx, { reportId, seenVersion: version, by, now }, { number: which, comment: why, checklist });
          audit("finding.confirm", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/relecture#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.confirmed", { number: which }) },
          };
        },
        again: again("confirm"),
      }),
    )
    .post(
      `${review}/:number/correction`,
      action(correction, "readCases", {
        run: async (tx, { id: reportId, number: which, version, comment: why = "", ...given }, exchange) => {
          const { by, now, t, audit } = exchange;
          const acting = { reportId, seenVersion: version, by, now };
          const to = `/rapports/${reportId}/relecture#constat-${which}`;
          if (given.answer === "decline") {
            if (why === "") throw new Invalid({ comment: "findings.correction.commentNeeded" });
            await declineCorrection(tx, acting, which, why);
            audit("finding.correction-decline", "report", reportId, { finding: which });
            return { to, flash: { tone: "success", text: t("findings.done.correctionDeclined", { number: which }) } };
          }
          const accepted = { number: which, comment: why, checklist: given.checks };
          const edition = await acceptCorrection(tx, acting, accepted, withdrawn(exchange));
          audit("finding.correct", "report", reportId, { finding: which, edition });
          return { to, flash: { tone: "success", text: t("findings.done.corrected", { number: which, edition }) } };
        },
        again: again("correction"),
      }),
    )
    .post(
      `${review}/:number/retirer`,
      action(withdrawal, "readCases", {
        run: async (tx, { id: reportId, number: which, version, reason }, exchange) => {
          const { by, now, t, audit } = exchange;
          const acting = { reportId, seenVersion: version, by, now };
          const edition = await withdrawFinding(tx, acting, { number: which, reason }, withdrawn(exchange));
          audit("finding.withdraw", "report", reportId, { finding: which, edition });
          return {
            to: `/rapports/${reportId}/relecture#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.withdrawn", { number: which, edition }) },
          };
        },
        again: again("withdraw"),
      }),
    )
    .post(
      `${drafts}/:number/accepter`,
      action(onFinding, "readCases", {
        run: async (tx, { id: reportId, number: which, version }, { by, now, t, audit }) => {
          await acceptEdits(tx, { reportId, seenVersion: version, by, now }, which);
          audit("finding.edits-accept", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/constats#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.accepted", { number: which }) },
          };
        },
        again: again("answer", "constats"),
      }),
    )
    .post(
      `${drafts}/:number/refuser`,
      action(answer, "readCases", {
        run: async (tx, { id: reportId, number: which, version, reason }, { by, now, t, audit }) => {
          await declineEdits(tx, { reportId, seenVersion: version, by, now }, which, reason);
          audit("finding.edits-decline", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/constats#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.declined", { number: which }) },
          };
        },
        again: again("answer", "constats"),
      }),
    )
    .post(
      `${drafts}/:number/corriger`,
      action(proposedCorrection, "readCases", {
        run: async (tx, { id: reportId, number: which, version, ...proposed }, { by, now, t, audit }) => {
          await proposeCorrection(tx, { reportId, seenVersion: version, by, now }, { number: which, ...proposed });
          audit("finding.correction-propose", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/constats#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.correctionProposed", { number: which }) },
          };
        },
        again: again("correction", "constats"),
      }),
    )
    .post(
      `${drafts}/:number/desaccord`,
      action(dissent, "readCases", {
        run: async (tx, { id: reportId, number: which, version, page: from, text: said }, { by, now, t, audit }) => {
          await recordDissent(tx, { reportId, seenVersion: version, by, now }, { number: which, text: said });
          audit("finding.dissent", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/${from}#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.dissentRecorded", { number: which }) },
          };
        },
        again: again("dissent", null),
      }),
    )
    .post(
      `${drafts}/:number/desaccord/:dissent/retirer`,
      action(dissentWithdrawal, "readCases", {
        run: async (tx, { id: reportId, number: which, version, page: from, dissent: own }, { by, now, t, audit }) => {
          await withdrawDissent(tx, { reportId, seenVersion: version, by, now }, { number: which, dissent: own });
          audit("finding.dissent-withdraw", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/${from}#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.dissentWithdrawn") },
          };
        },
        again: again("dissent", null),
      }),
    );
}
