import { Router } from "express";
import { z } from "zod";
import type { Db, Tx } from "../../db/schema.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { asksBothDirections, REVERSE } from "../codebook/definition.ts";
import { codebookVersion } from "../codebook/store.ts";
import type { Context } from "../http/context.ts";
import { Refusal } from "../http/errors.ts";
import { optional, optionalWhole, required, seenVersion, several } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import { anchorOf } from "./expected.ts";
import { layerFor } from "./layers.ts";
import { workspacePage } from "./pages.ts";
import type { PassageGiven } from "./passages.ts";
import { listCodedPassages } from "./queries.ts";
import {
  type Acted,
  attachPassage,
  clearValue,
  codeRestUnknown,
  detachPassage,
  type Saved,
  saveValue,
  takeFromSheet,
  type ValueGiven,
} from "./save-value.ts";
import { queryOf, readField, shownField, shownInAddress, shownOf } from "./shown.ts";
import { attachSuggested, dismissSuggestion, forgetDismissals, type SuggestedPlace } from "./suggested.ts";
import { type Direction, redoLast, undoLast } from "./undo.ts";

const code = z.string().max(100);
const number = () => optionalWhole(0, 100_000_000);

const address = z.object({
  id: z.string(),
  ...shownInAddress,
  /** Opens at a factor, for a person (id) or the first it applies to. */
  facteur: code.optional(),
  sujet: code.optional(),
  /** Opens at a passage (id). */
  passage: code.optional(),
  /** Only this card ("facteur-victim_fear-victim-1"), whole, beside the document. */
  carte: z.string().max(200).optional(),
  /** With it, the only paragraphs wanted besides those that hold its passages, as "1:12,1:13": what the page's script draws anew. */
  blocs: z
    .string()
    .regex(/^(?:\d{1,6}:\d{1,7}(?:,\d{1,6}:\d{1,7})*)?$/)
    .optional()
    .catch(undefined),
});

/** A card is one form: whatever button is pressed, all of it is sent. */
const card = z.strictObject({
  id: z.string(),
  factor: code,
  subject: code.default("case"),
  seenVersion: seenVersion().default(0),
  /** What stands beside it, to come back to. */
  shown: shownField(),
  value: several(60),
  confidence: optional(40),
  evidenceBasis: optional(40),
  knownWhen: optional(40),
  note: optional(5_000),
  reason: optional(2_000),
  document: number(),
  block: number(),
  page: number(),
  quote: optional(6_000),
  start: number(),
  end: number(),
  passage: code.optional(),
  /** A suggested passage, as its buttons carry it: document, start, end. */
  suggested: z
    .string()
    .regex(/^\d{1,6}:\d{1,9}:\d{1,9}$/, "coding.problem.suggested")
    .transform((value): SuggestedPlace => {
      const [document = 0, start = 0, end = 0] = value.split(":").map(Number);
      return { document, start, end };
    })
    .optional(),
});
type CardForm = z.output<typeof card>;

const chosen = (form: CardForm): string[] => form.value.filter((one) => one.trim() !== "");
const valueGiven = (form: CardForm): ValueGiven => {
  const { factor, subject, confidence, evidenceBasis, knownWhen, note, reason } = form;
  return { factor, subject, value: chosen(form), confidence, evidenceBasis, knownWhen, note, reason, seenVersion: form.seenVersion };
};
/** The passage a card names, if it names one. */
const passageGiven = ({ document, shown, start, end, quote, block, page }: CardForm): PassageGiven | null =>
  start !== null || quote !== null || block !== null ? { document: document ?? shown.document ?? 1, start, end, quote, block, page } : null;

const clock = {
  fr: new Intl.DateTimeFormat("fr-FR", { timeStyle: "short", timeZone: "Europe/Paris" }),
  en: new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "Europe/Paris" }),
};

/** Approved findings rest on the coding: when it is opened again they wait for a new decision. */
const reopenFindings = (tx: Tx, reportId: string) =>
  tx.updateTable("finding").set({ status: "draft" }).where("report_id", "=", reportId).where("status", "=", "approved").execute();

/** Every URL of this room. */
export function codingRoutes(context: Context): Router {
  const { page, action } = handlers(context);

  /** The page again with what was typed and what is wrong with it. */
  const again = (db: Db, typed: Record<string, string | string[] | undefined>, problems: Record<string, string>, exchange: Exchange) => {
    const id = String(typed.id);
    exchange.audit("coding-read", "report", id);
    return workspacePage(db, id, { shown: readField([typed.shown ?? ""].flat()[0]), typed, problems, status: 422 }, exchange);
  };

  /** One form of a card: an act of coding, answered by the card again or, for a script, by what it has to know. */
  const onCard = (
    said: "saved" | "attached" | "detached" | "cleared" | "dismissed" | "restored",
    run: (tx: Tx, form: CardForm, exchange: Exchange) => Promise<Acted & Partial<Saved>>,
  ) =>
    action(card, "readCases", {
      run: async (tx, form, exchange) => {
        const { anchor, act, version = 0, missing = null } = await run(tx, form, exchange);
        const { t, now, language } = exchange;
        return {
          to: `/rapports/${form.id}/codage${queryOf(form.shown)}#${anchor}`,
          flash: { tone: "success", text: t(`coding.flash.${said}`) },
          json: {
            act,
            version,
            missing: missing && { kind: missing, label: t(`coding.card.missing.${missing}`) },
            at: clock[language].format(new Date(now)),
          },
        };
      },
      again,
      // A card is sent whole: of two kept after the session expired, the later one holds everything.
      ...(said === "saved" && { keptAs: ({ factor, subject }: CardForm) => `${factor} ${subject}` }),
    });

  /** Undo and redo: the page comes back at the factor concerned. */
  const onTurn = (direction: Direction, run: typeof undoLast) =>
    action(z.strictObject({ id: z.string(), act: number(), shown: shownField() }), "readCases", {
      run: async (tx, { id, act, shown }, { by, now, t, language }) => {
        const { anchor, factor, subject, several, words } = await run(tx, id, by, now, act);
        const told = t(`coding.undo.done.${direction}`, { act: words(t, language) });
        return {
          to: `/rapports/${id}/codage${queryOf(shown)}#${anchor}`,
          flash: { tone: "success", text: told },
          json: { anchor, factor, subject, several, told },
        };
      },
      again,
    });

  /** A form that moves the report. The list of what is missing is one click from the refusal. */
  const onReport = <Shape extends { id: string; version: number }>(
    schema: z.ZodType<Shape>,
    word: "submit" | "resume" | "return",
    event: (form: Shape, by: Exchange["by"]) => ReportEvent,
  ) =>
    action(schema, "readCases", {
      run: async (tx, form, { by, now, t, audit }) => {
        const { id, version } = form;
        try {
          await applyEvent(tx, { reportId: id, seenVersion: version, event: event(form, by), now });
        } catch (error) {
          if (error instanceof Refusal && word === "submit") throw new Refusal(error.reasons, `/rapports/${id}/codage#reste`);
          throw error;
        }
        if (word !== "submit") await reopenFindings(tx, id);
        audit(`coding-${word}`, "report", id);
        return { to: `/rapports/${id}/codage`, flash: { tone: "success", text: t(`coding.acts.${word}.done`) } };
      },
      again,
    });
  const reasoned = z.strictObject({ id: z.string(), version: seenVersion(), reason: required(2_000) });

  return Router()
    .get(
      "/rapports/:id/codage",
      page(address, "readCases", async (db, { id, facteur, sujet, passage, carte, blocs, ...query }, exchange) => {
        const blocks = blocs?.split(",").filter(Boolean) ?? null;
        const only = carte ? { card: carte, blocks } : undefined;
        if (!only && (facteur || passage))
          return { to: await placeAsked(db, id, { facteur, sujet, passage, document: query.document }, exchange) };
        exchange.audit("coding-read", "report", id);
        return workspacePage(db, id, { shown: shownOf(query), only }, exchange);
      }),
    )
    .post(
      "/rapports/:id/codage/valeur",
      onCard("saved", (tx, form, { by, now }) => {
        const passage = passageGiven(form);
        return saveValue(tx, form.id, { ...valueGiven(form), passages: passage ? [passage] : [] }, by, now);
      }),
    )
    .post(
      "/rapports/:id/codage/passage",
      onCard("attached", (tx, form, { by, now }) => {
        const { factor, subject, ...given } = valueGiven(form);
        const value = chosen(form).length > 0 ? given : null;
        if (form.suggested) return attachSuggested(tx, form.id, { factor, subject, place: form.suggested, value }, by, now);
        const passage = passageGiven(form) ?? { document: form.document ?? form.shown.document ?? 1 };
        return attachPassage(tx, form.id, { factor, subject, passage, value }, by, now);
      }),
    )
    .post(
      "/rapports/:id/codage/passage/detacher",
      onCard("detached", (tx, { id, factor, subject, passage }, { by, now }) =>
        detachPassage(tx, id, { factor, subject, passage: passage ?? "" }, by, now),
      ),
    )
    .post(
      "/rapports/:id/codage/suggestion/ecarter",
      onCard("dismissed", (tx, { id, factor, subject, suggested }, { by, now }) =>
        dismissSuggestion(tx, id, { factor, subject, place: suggested ?? null }, by, now),
      ),
    )
    .post(
      "/rapports/:id/codage/suggestion/revoir",
      onCard("restored", (tx, { id, factor, subject }, { by }) => forgetDismissals(tx, id, { factor, subject }, by)),
    )
    .post(
      "/rapports/:id/codage/effacer",
      onCard("cleared", (tx, { id, factor, subject, seenVersion: seen }, { by, now }) =>
        clearValue(tx, id, { factor, subject, seenVersion: seen }, by, now),
      ),
    )
    .post(
      "/rapports/:id/codage/fiche",
      onCard("saved", (tx, { id, factor, subject, seenVersion: seen }, { by, now, language }) =>
        takeFromSheet(tx, id, { factor, subject, seenVersion: seen }, by, now, language),
      ),
    )
    .post("/rapports/:id/codage/annuler", onTurn("undo", undoLast))
    .post("/rapports/:id/codage/refaire", onTurn("redo", redoLast))
    .post(
      "/rapports/:id/codage/section",
      action(z.strictObject({ id: z.string(), section: code, shown: shownField() }), "readCases", {
        run: async (tx, { id, section, shown }, { by, now, t, language }) => {
          const count = await codeRestUnknown(tx, id, section, by, now, language);
          return {
            to: `/rapports/${id}/codage${queryOf(shown)}#section-${section}`,
            flash: { tone: "success", text: t("coding.flash.rest", { count }) },
          };
        },
        again,
      }),
    )
    .post(
      "/rapports/:id/codage/remettre",
      onReport(z.strictObject({ id: z.string(), version: seenVersion() }), "submit", (_form, by) => ({ type: "CODING_SUBMITTED", by })),
    )
    .post(
      "/rapports/:id/codage/reprendre",
      onReport(reasoned, "resume", ({ reason }, by) => ({ type: "CODING_RESUMED", by, reason })),
    )
    .post(
      "/rapports/:id/codage/renvoyer",
      onReport(reasoned, "return", ({ reason }, by) => ({ type: "CODING_RETURNED", by, reason })),
    );
}

/** The address of a factor or a passage on the page, with the document that holds it. @throws NotFound */
async function placeAsked(
  db: Db,
  id: string,
  asked: { facteur?: string | undefined; sujet?: string | undefined; passage?: string | undefined; document?: number | undefined },
  { by }: Exchange,
): Promise<string> {
  const report = await findReport(db, id, by);
  const passages = await listCodedPassages(db, id, await layerFor(db, report, by.id));
  const base = `/rapports/${id}/codage`;
  if (asked.passage) {
    const passage = passages.find((one) => one.id === asked.passage);
    return passage ? `${base}?document=${passage.document}#passage-${passage.id}` : base;
  }
  const { factors } = await codebookVersion(db, report.codebook_version);
  const factor = factors.find((one) => one.code === asked.facteur);
  if (!factor) return base;
  const people = (await peopleOf(db, id)).filter(({ kind }) => kind === factor.appliesTo);
  const person = people.find((one) => one.id === asked.sujet) ?? people[0] ?? null;
  const document = asked.document ?? passages.find((one) => one.factor === factor.code && one.subject === (person?.id ?? "case"))?.document;
  return `${base}${document ? `?document=${document}` : ""}#${anchorOf({ factor, person, reverse: asked.sujet === REVERSE && asksBothDirections(report, factor) })}`;
}
