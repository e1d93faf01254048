import { type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Tx } from "../../db/schema.ts";
import { CROSS_FINDING_RETURNS } from "../../workflows/cross-finding.machine.ts";
import { PUBLIC_CHECKS } from "../findings/public-checklist.ts";
import type { Context } from "../http/context.ts";
import { choice, optional, required, seenVersion, several, text } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import type { Key } from "../http/words.ts";
import {
  type Acting,
  answerEdits,
  approveCrossFinding,
  askSecondReview,
  beginCorrection,
  confirmPublicStatement,
  proposeEdits,
  recordDissent,
  resumeCrossFinding,
  returnCrossFinding,
  submitCrossFinding,
  withdrawCrossFinding,
  withdrawDissent,
} from "./act.ts";
import { formPage, readTick, soughtOf } from "./form-page.ts";
import { KINDS, listPage } from "./list-page.ts";
import { showPage } from "./show-page.ts";
import { saveCrossFinding } from "./write.ts";

const word = (longest = 60) => z.string().trim().max(longest).catch("");
const list = z.object({
  onglet: word(),
  q: word(200),
  nature: word(),
  etat: word(),
  facteur: word(),
  service: word(200),
  annee: word(),
  page: z.string().optional().catch(undefined).transform(pageNumber),
});
/** What the choice of factors and cases asks. */
const sought = {
  facteur: several(20).catch([]),
  annee: word(4),
  rapports: z.string().max(4_000).catch(""),
  tous: word(3),
};
const choosing = z.object({ ...sought, q: word(100) });
const reference = z.string().max(20);
const byReference = z.object({ reference });

const basis = several(1_000).transform((values, at) =>
  values.flatMap((value) => {
    const tick = readTick(value);
    if (!tick) at.addIssue({ code: "custom", message: "http.invalid.value" });
    return tick ?? [];
  }),
);
const words = {
  kind: choice(KINDS),
  statement: required(5_000),
  publicStatement: optional(2_000),
  service: optional(200),
  knownWhen: optional(40),
  basis,
  ...sought,
};
const newFinding = z.strictObject(words);
const existingFinding = z.strictObject({ ...words, reference, version: seenVersion() });
const plain = z.strictObject({ reference, version: seenVersion() });
const checks = several(10).pipe(z.array(z.enum(PUBLIC_CHECKS)));

/** Every URL of this room. */
export function crossFindingRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const router = Router();
  router
    .get(
      "/constats",
      page(list, "readFigures", (db, input, exchange) => listPage(db, input, exchange)),
    )
    .get(
      "/constats/nouveau",
      page(choosing, "readCases", (db, input, exchange) => formPage(db, null, input, exchange)),
    )
    .get(
      "/constats/:reference",
      page(byReference, "readCases", (db, input, exchange) => showPage(db, input.reference, exchange)),
    )
    .get(
      "/constats/:reference/modifier",
      page(choosing.extend({ reference }), "readCases", (db, { reference: of, ...input }, exchange) => formPage(db, of, input, exchange)),
    )
    .post(
      "/constats",
      action(newFinding, "readCases", {
        run: async (tx, { facteur: _, annee: __, rapports: ___, tous: ____, ...given }, { by, now, t, audit }) => {
          const written = await saveCrossFinding(tx, { reference: null, seenVersion: null, by, now }, given);
          audit("cross-finding.write", "cross-finding", written);
          return { to: `/constats/${written}`, flash: { tone: "success", text: t("cross-findings.done.written", { reference: written }) } };
        },
        again: (db, typed, problems, exchange) => formPage(db, null, soughtOf(typed), exchange, typed, problems),
      }),
    )
    .post(
      "/constats/:reference",
      action(existingFinding, "readCases", {
        run: async (tx, { facteur: _, annee: __, rapports: ___, tous: ____, reference: of, version, ...given }, { by, now, t, audit }) => {
          await saveCrossFinding(tx, { reference: of, seenVersion: version, by, now }, given);
          audit("cross-finding.write", "cross-finding", of);
          return { to: `/constats/${of}`, flash: { tone: "success", text: t("cross-findings.done.written", { reference: of }) } };
        },
        again: (db, typed, problems, exchange) => formPage(db, String(typed["reference"]), soughtOf(typed), exchange, typed, problems),
      }),
    );

  /** One act on a finding: its page is the form, and where it leads. */
  const act = <Schema extends z.ZodType<{ reference: string; version: number }>>(
    schema: Schema,
    { name, said }: { name: string; said: Key },
    run: (tx: Tx, acting: Acting, input: z.output<Schema>) => Promise<void>,
  ): RequestHandler =>
    action(schema, "readCases", {
      run: async (tx, input, { by, now, t, audit }: Exchange) => {
        const { reference: of, version } = input;
        await run(tx, { reference: of, seenVersion: version, by, now }, input);
        audit(`cross-finding.${name}`, "cross-finding", of);
        return { to: `/constats/${of}`, flash: { tone: "success", text: t(said, { reference: of }) } };
      },
      again: (db, typed, problems, exchange) => showPage(db, String(typed["reference"]), exchange, typed, problems),
    });
  const reasoned = <const Name extends string>(name: Name) =>
    plain.extend({ [name]: required(2_000) } as Record<Name, ReturnType<typeof required>>);

  router
    .post(
      "/constats/:reference/soumettre",
      act(plain, { name: "submit", said: "cross-findings.done.submitted" }, (tx, acting) => submitCrossFinding(tx, acting)),
    )
    .post(
      "/constats/:reference/reprendre",
      act(reasoned("resumeReason"), { name: "resume", said: "cross-findings.done.resumed" }, (tx, acting, { resumeReason }) =>
        resumeCrossFinding(tx, acting, resumeReason),
      ),
    )
    .post(
      "/constats/:reference/renvoyer",
      act(
        plain.extend({ category: choice(CROSS_FINDING_RETURNS), returnReason: required(2_000) }),
        { name: "return", said: "cross-findings.done.returned" },
        (tx, acting, { category, returnReason }) => returnCrossFinding(tx, acting, category, returnReason),
      ),
    )
    .post(
      "/constats/:reference/approuver",
      act(
        plain.extend({ checks, comment: text(2_000).optional() }),
        { name: "approve", said: "cross-findings.done.approved" },
        (tx, acting, { checks: ticked, comment = "" }) => approveCrossFinding(tx, acting, ticked, comment),
      ),
    )
    .post(
      "/constats/:reference/proposer",
      act(
        plain.extend({
          proposedStatement: required(5_000),
          proposedPublic: optional(2_000),
          proposedService: optional(200),
          proposalReason: required(2_000),
        }),
        { name: "propose", said: "cross-findings.done.proposed" },
        (tx, acting, { proposedStatement, proposedPublic, proposedService, proposalReason }) =>
          proposeEdits(
            tx,
            acting,
            { statement: proposedStatement, publicStatement: proposedPublic, service: proposedService },
            proposalReason,
          ),
      ),
    )
    .post(
      "/constats/:reference/accepter",
      act(plain, { name: "accept-edits", said: "cross-findings.done.accepted" }, (tx, acting) =>
        answerEdits(tx, acting, { accepted: true }),
      ),
    )
    .post(
      "/constats/:reference/ecarter",
      act(reasoned("declineReason"), { name: "decline-edits", said: "cross-findings.done.declined" }, (tx, acting, { declineReason }) =>
        answerEdits(tx, acting, { accepted: false, reason: declineReason }),
      ),
    )
    .post(
      "/constats/:reference/seconde-relecture",
      act(plain, { name: "ask-second-review", said: "cross-findings.done.secondAsked" }, (tx, acting) => askSecondReview(tx, acting)),
    )
    .post(
      "/constats/:reference/confirmer",
      act(plain.extend({ checks }), { name: "confirm", said: "cross-findings.done.confirmed" }, (tx, acting, { checks: ticked }) =>
        confirmPublicStatement(tx, acting, ticked),
      ),
    )
    .post(
      "/constats/:reference/desaccord",
      act(plain.extend({ dissent: required(4_000) }), { name: "dissent", said: "cross-findings.done.dissent" }, (tx, acting, { dissent }) =>
        recordDissent(tx, acting, dissent),
      ),
    )
    .post(
      "/constats/:reference/desaccord/retirer",
      act(plain, { name: "withdraw-dissent", said: "cross-findings.done.dissentWithdrawn" }, (tx, acting) => withdrawDissent(tx, acting)),
    )
    .post(
      "/constats/:reference/corriger",
      act(reasoned("correctionReason"), { name: "correct", said: "cross-findings.done.correcting" }, (tx, acting, { correctionReason }) =>
        beginCorrection(tx, acting, correctionReason),
      ),
    )
    .post(
      "/constats/:reference/retirer",
      act(reasoned("withdrawalReason"), { name: "withdraw", said: "cross-findings.done.withdrawn" }, (tx, acting, { withdrawalReason }) =>
        withdrawCrossFinding(tx, acting, withdrawalReason),
      ),
    );
  return router;
}
