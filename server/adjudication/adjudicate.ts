import { newId } from "../../db/ids.ts";
import type { AdjudicationTable, Confidence, Db, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { type ActContent, type KeptPassage, recordAct, type State, sameState, stateOf } from "../coding/acts.ts";
import { anchorOf } from "../coding/expected.ts";
import { valueLabel } from "../coding/labels.ts";
import { keepPassage, untie } from "../coding/passages.ts";
import type { CodedPassage } from "../coding/queries.ts";
import { canonicalValue, proofNeeded, rulesFor, UNKNOWN } from "../coding/values.ts";
import { Conflict, type Happened, Invalid, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { applyEvent, happenedSince, lockReport, permit } from "../reports/apply-event.ts";
import { type Comparison, compareLayers, type Decision, listDecisions, type Pair, type Said } from "./queries.ts";

/** What may be chosen where two coders differ: either of their values, another one, or that nothing says. */
export const CHOICES = ["first", "second", "other", "unknown"] as const satisfies readonly AdjudicationTable["choice"][];
export type Choice = (typeof CHOICES)[number];

export type DecisionGiven = {
  factor: string;
  /** "case", "reverse" or a person's id. */
  subject: string;
  choice: Choice;
  /** For "other" alone: the value, what qualifies it, and ids of passages that one of the coders tied to this factor. */
  value?: string | readonly string[] | null;
  confidence?: string | null;
  evidenceBasis?: string | null;
  knownWhen?: string | null;
  passages?: readonly string[];
  /** For "other" alone: words of a document (by number) that neither coder had tied to the factor; a page where it is a scan. */
  quote?: string | null;
  document?: number | null;
  page?: number | null;
  reason: string;
  /** The versions of the two coders' values and of the settled one that the page was drawn from; 0 for none. */
  seen: { first: number; second: number; settled: number };
};
/** `changed` is false when the same decision stood so already: nothing was written. */
export type Decided = {
  anchor: string;
  version: number;
  changed: boolean;
  /** How many differences are left, and the address of the next one on the page. */
  left: number;
  next: string | null;
};

/** Asks the machine for leave. @throws Refusal with the reasons in words, NotFound */
async function mayAdjudicate(tx: Tx, reportId: string, by: Actor): Promise<ReportTable> {
  const { coding_mode } = await lockReport(tx, reportId, by);
  if (coding_mode !== "blind")
    throw new Refusal((language) => [translator(language)(`adjudication.refused.${coding_mode}`)], `/rapports/${reportId}/arbitrage`);
  return permit(tx, reportId, { type: "VALUE_ADJUDICATED", by });
}

const NOT_DOCUMENTED: State = {
  value: UNKNOWN,
  confidence: null,
  evidence_basis: null,
  known_when: null,
  note: null,
  reason: null,
  origin: null,
};
const settledAs = (said: Said): State => ({ ...stateOf(said), origin: null });
const blank = (text: string | null | undefined): string | null => text?.trim() || null;

type Settling = { state: State; passages: readonly CodedPassage[] };

/** What a decision makes the settled value hold. @throws Invalid naming the field */
function settling(
  { definition }: Comparison,
  report: ReportTable,
  pair: Pair,
  given: DecisionGiven,
  reason: string,
  found: CodedPassage | null,
): Settling {
  if (given.choice === "first" || given.choice === "second") {
    const said = pair[given.choice];
    if (!said) throw new Invalid({ choice: "adjudication.problem.nothingSaid" });
    return { state: settledAs(said), passages: said.passages };
  }
  if (given.choice === "unknown") return { state: NOT_DOCUMENTED, passages: [] };
  const canonical = canonicalValue(pair.factor, given.value ?? "", rulesFor(definition, report));
  if (canonical.kind === "problem") throw new Invalid({ value: canonical.problem });
  const oneOf = (field: string, options: readonly { code: string }[], typed: string | null | undefined): string | null => {
    const code = blank(typed);
    if (code !== null && !options.some((option) => option.code === code)) throw new Invalid({ [field]: "http.invalid.choice" });
    return code;
  };
  const offered = new Map([...(pair.first?.passages ?? []), ...(pair.second?.passages ?? [])].map((passage) => [passage.id, passage]));
  const chosen = [...new Set(given.passages ?? [])].map((id) => {
    const passage = offered.get(id);
    if (!passage) throw new Invalid({ passages: "adjudication.problem.passage" });
    return passage;
  });
  const passages = found && !chosen.some(({ id }) => id === found.id) ? [...chosen, found] : chosen;
  const { value } = canonical;
  if (value === UNKNOWN) return { state: NOT_DOCUMENTED, passages: [] };
  const needed = proofNeeded(value);
  if (needed === "passage" && passages.length === 0) throw new Invalid({ passages: "adjudication.problem.needsPassage" });
  return {
    state: {
      value,
      confidence: oneOf("confidence", definition.confidence, given.confidence) as Confidence | null,
      evidence_basis: oneOf("evidenceBasis", definition.evidenceBasis, given.evidenceBasis),
      known_when: oneOf("knownWhen", definition.knownWhen, given.knownWhen),
      note: null,
      // Without a passage, the decision's reason is what proves the value.
      reason: passages.length === 0 ? reason : null,
      origin: null,
    },
    passages,
  };
}

const kept = ({ id, document, starts, ends, page, quote }: CodedPassage): KeptPassage => ({ id, document, starts, ends, page, quote });

/** Brings the settled value of a pair to what was decided, as one act of coding. The acts of layers 1 and 2 stay as they are. */
async function settle(
  tx: Tx,
  report: ReportTable,
  pair: Pair,
  { state, passages }: Settling,
  by: Actor,
  now: string,
  batch: string | null,
): Promise<number> {
  const version = pair.settledVersion + 1;
  const row = { ...state, version, coded_by: by.id, coded_at: now };
  const id = pair.settled?.id ?? newId();
  if (pair.settled) await tx.updateTable("coding").set(row).where("id", "=", id).execute();
  else
    await tx
      .insertInto("coding")
      .values({
        id,
        report_id: report.id,
        layer: 3,
        codebook_version: report.codebook_version,
        factor: pair.factor.code,
        subject: pair.subject,
        person_id: pair.person?.id ?? null,
        ...row,
      })
      .execute();
  const before = pair.settled?.passages ?? [];
  const attached = passages.filter((one) => !before.some((other) => other.id === one.id));
  const gone = before.filter((one) => !passages.some((other) => other.id === one.id)).map((one) => one.id);
  const detached = gone.length > 0 ? await untie(tx, id, gone) : [];
  if (attached.length > 0)
    await tx
      .insertInto("coding_passage")
      .values(attached.map((passage) => ({ coding_id: id, passage_id: passage.id })))
      .execute();
  // Without `before`: a decision is changed by another one, with its reason, not undone on the coding page.
  const content: ActContent = {
    ...state,
    version,
    ...(attached.length > 0 && { attached: attached.map(kept) }),
    ...(detached.length > 0 && { detached }),
  };
  await recordAct(
    tx,
    { reportId: report.id, layer: 3, factor: pair.factor.code, subject: pair.subject, by: by.id, now },
    content,
    "coded",
    batch,
  );
  return version;
}

type Log = { choice: AdjudicationTable["choice"]; value: string; reason: string | null };
const logRow = (report: ReportTable, pair: Pair, log: Log, by: Actor, now: string) => ({
  report_id: report.id,
  factor: pair.factor.code,
  subject: pair.subject,
  ...log,
  first_value: pair.first?.value ?? null,
  second_value: pair.second?.value ?? null,
  decided_by: by.id,
  decided_at: now,
});

/** The value was settled, or one of the coders' changed, since the page was drawn: what stands now, and what was about to be written. */
const overtaken = (report: ReportTable, pair: Pair, mine: string, by: Actor, now: string) =>
  new Conflict<Db>(
    async (db, language: Language): Promise<Happened[]> => {
      const t = translator(language);
      const definition = await codebookVersion(db, report.codebook_version);
      const words = (value: string) => ({
        factor: labelOf(pair.factor, language),
        value: valueLabel(definition, pair.factor, value, t, language),
      });
      const { name } = await db.selectFrom("account").select("name").where("id", "=", by.id).executeTakeFirstOrThrow();
      const decisions = await listDecisions(db, report.id);
      const last = decisions.findLast(({ factor, subject }) => factor === pair.factor.code && subject === pair.subject);
      return [
        ...(last
          ? [
              {
                at: instant(last.decided_at, language),
                iso: last.decided_at,
                who: last.name,
                what: t("adjudication.conflict.settled", words(last.value)),
                why: last.reason,
              },
            ]
          : []),
        { at: instant(now, language), iso: now, who: name, what: t("adjudication.conflict.yours", words(mine)), why: null },
      ];
    },
    `/rapports/${report.id}/arbitrage#${anchorOf(pair)}`,
  );

/** @throws Invalid for a factor of another version, a person who is not of the case, or what is asked of neither */
function pairOf({ definition, pairs }: Comparison, { factor, subject }: Pick<DecisionGiven, "factor" | "subject">): Pair {
  if (!definition.factors.some(({ code }) => code === factor)) throw new Invalid({ factor: "coding.problem.factor" });
  const pair = pairs.find((one) => one.factor.code === factor && one.subject === subject);
  if (!pair) throw new Invalid({ subject: "coding.problem.subject" });
  return pair;
}

const samePassages = (one: readonly CodedPassage[], other: readonly CodedPassage[]) =>
  one.length === other.length && one.every(({ id }) => other.some((passage) => passage.id === id));

/** The words that the adjudicator found, as a passage of the report. @throws Invalid naming the field when they are nowhere */
async function foundPassage(
  tx: Tx,
  report: ReportTable,
  { factor, subject }: Pair,
  { document, quote, page }: DecisionGiven,
  by: Actor,
  now: string,
): Promise<CodedPassage> {
  const number = document ?? 1;
  const passage = await keepPassage(tx, report.id, { document: number, quote: quote ?? null, page: page ?? null }, by.id, now);
  const { id, starts, ends, page: onPage, quote: words } = passage;
  return { id, starts, ends, page: onPage, quote: words, coding: "", factor: factor.code, subject, document: number };
}

/**
 * Settles one pair: the value of layer 3 with what qualifies and proves it, one act of coding and one line of the log of decisions, with what
 * both coders said at that moment. Until the adjudication is handed in a pair can be settled again. The coders' own values never change.
 * @throws Refusal when the machine does not let this person adjudicate now; Invalid naming the field; Conflict when the pair was settled, or
 * one of the two values changed, since the versions seen; NotFound
 */
export async function adjudicateValue(tx: Tx, reportId: string, given: DecisionGiven, by: Actor, now: string): Promise<Decided> {
  const report = await mayAdjudicate(tx, reportId, by);
  const comparison = await compareLayers(tx, report);
  const pair = pairOf(comparison, given);
  const reason = given.reason.trim();
  if (reason === "") throw new Invalid({ reason: "adjudication.problem.reason" });
  const found = given.choice === "other" && blank(given.quote) !== null ? await foundPassage(tx, report, pair, given, by, now) : null;
  const decided = settling(comparison, report, pair, given, reason, found);
  const { settled, decision } = pair;
  const at = comparison.pairs.indexOf(pair);
  const left = [...comparison.pairs.slice(at + 1), ...comparison.pairs.slice(0, at)].filter((one) => one.differs && !one.settled);
  const told = { anchor: anchorOf(pair), left: left.length, next: left[0] ? anchorOf(left[0]) : null };
  // The same decision sent twice (an answer that got lost, a second click) is not a conflict with oneself.
  if (
    settled &&
    decision?.choice === given.choice &&
    decision.reason === reason &&
    decision.decided_by === by.id &&
    sameState(stateOf(settled), decided.state) &&
    samePassages(settled.passages, decided.passages)
  )
    return { ...told, version: settled.version, changed: false };
  const { seen } = given;
  if (seen.first !== (pair.first?.version ?? 0) || seen.second !== (pair.second?.version ?? 0) || seen.settled !== pair.settledVersion)
    throw overtaken(report, pair, decided.state.value, by, now);
  const version = await settle(tx, report, pair, decided, by, now, null);
  await tx
    .insertInto("adjudication")
    .values(logRow(report, pair, { choice: given.choice, value: decided.state.value, reason }, by, now))
    .execute();
  return { ...told, version, changed: true };
}

const SURENESS = ["low", "medium", "high"] as const satisfies readonly Confidence[];
/** Of two answers, the one given; of two given, what `both` makes of them. */
const merged = <Value extends string>(first: Value | null, second: Value | null, both: (a: Value, b: Value) => Value): Value | null =>
  first !== null && second !== null ? both(first, second) : (first ?? second);
const joined = (first: string | null, second: string | null): string | null =>
  merged(first, second, (a, b) => (a === b ? a : `${a}\n${b}`));

/**
 * What two coders who agree are taken to say: the lower of their confidences, what either knows of when it was known, the basis of the first
 * where they differ on it, both notes, reasons and sets of passages.
 */
function agreedOn(first: Said, second: Said): Settling {
  return {
    state: {
      value: first.value,
      confidence: merged(first.confidence, second.confidence, (a, b) => (SURENESS.indexOf(a) < SURENESS.indexOf(b) ? a : b)),
      evidence_basis: merged(first.evidence_basis, second.evidence_basis, (a) => a),
      known_when: merged(first.known_when, second.known_when, (a) => a),
      note: joined(first.note, second.note),
      reason: joined(first.reason, second.reason),
      origin: null,
    },
    passages: [...first.passages, ...second.passages.filter(({ id }) => !first.passages.some((one) => one.id === id))],
  };
}

/**
 * Accepts what both coders said where they agree and nothing is settled: all of it, or the pairs named ("factor subject"), in one act.
 * Those that are settled already stay as they are.
 * @param seenVersion the version of the report that the page was drawn from
 * @returns how many were accepted
 * @throws as adjudicateValue; Invalid when none is named, or one on which the coders do not agree
 */
export async function acceptAgreements(
  tx: Tx,
  { reportId, seenVersion, keys }: { reportId: string; seenVersion: number; keys: readonly string[] | null },
  by: Actor,
  now: string,
): Promise<number> {
  const report = await mayAdjudicate(tx, reportId, by);
  if (report.version !== seenVersion)
    throw new Conflict<Db>((db, language) => happenedSince(db, reportId, seenVersion, language), `/rapports/${reportId}/arbitrage#accords`);
  if (keys?.length === 0) throw new Invalid({ agreements: "adjudication.problem.noAgreement" });
  const { pairs } = await compareLayers(tx, report);
  const agreed = pairs.filter(({ differs }) => !differs);
  if (keys?.some((key) => !agreed.some((pair) => pair.key === key))) throw new Invalid({ agreements: "adjudication.problem.notAgreed" });
  const open = agreed.filter((pair) => !pair.settled && (keys === null || keys.includes(pair.key)));
  if (open.length === 0) return 0;
  const batch = open.length > 1 ? newId() : null;
  const logs: ReturnType<typeof logRow>[] = [];
  for (const pair of open) {
    const agreement = agreedOn(pair.first!, pair.second!);
    await settle(tx, report, pair, agreement, by, now, batch);
    logs.push(logRow(report, pair, { choice: "agreed", value: agreement.state.value, reason: null }, by, now));
  }
  await tx.insertInto("adjudication").values(logs).execute();
  return open.length;
}

/**
 * Hands the adjudication in: the report is coded, and its settled values are those that count.
 * @throws Refusal with what is still to be done, in words; Conflict when the report moved since the version seen; NotFound
 */
export async function submitAdjudication(
  tx: Tx,
  { reportId, seenVersion, by, now }: { reportId: string; seenVersion: number; by: Actor; now: string },
): Promise<{ version: number }> {
  const { version } = await applyEvent(tx, { reportId, seenVersion, event: { type: "ADJUDICATION_SUBMITTED", by }, now });
  await tx.updateTable("report").set({ coding_mode: "adjudicated" }).where("id", "=", reportId).execute();
  return { version };
}

/** What a decision would settle if it were taken on what the coders say now; null where their values do not enter into it. */
function takenNow({ first, second, decision, differs }: Pair): Settling | "nothing" | null {
  switch (decision?.choice) {
    case "agreed":
      return differs || !first || !second ? "nothing" : agreedOn(first, second);
    case "first":
    case "second": {
      const said = decision.choice === "first" ? first : second;
      return said ? { state: settledAs(said), passages: said.passages } : "nothing";
    }
    default:
      return null;
  }
}

/**
 * Takes back what was settled on what the coders no longer say: to be called when a layer that had been reopened is handed in again. A
 * decision falls when one of the two values is another one, or when what it took over from a coder (qualifiers, reason, passages) has changed.
 * The log keeps what was decided and on what; those pairs are to be settled anew.
 * @param by whoever handed the layer in
 * @returns how many were taken back
 */
export async function dropStale(tx: Tx, reportId: string, by: Actor, now: string): Promise<number> {
  const report = await tx.selectFrom("report").selectAll().where("id", "=", reportId).executeTakeFirstOrThrow();
  const { pairs } = await compareLayers(tx, report);
  const stands = (pair: Pair, settled: Said, decision: Decision): boolean => {
    if (decision.first_value !== (pair.first?.value ?? null) || decision.second_value !== (pair.second?.value ?? null)) return false;
    const again = takenNow(pair);
    return (
      again === null || (again !== "nothing" && sameState(stateOf(settled), again.state) && samePassages(settled.passages, again.passages))
    );
  };
  let dropped = 0;
  for (const pair of pairs) {
    const { settled, decision, factor, subject } = pair;
    if (!settled || !decision || stands(pair, settled, decision)) continue;
    const detached = await untie(tx, settled.id);
    await tx.deleteFrom("coding").where("id", "=", settled.id).execute();
    const content: ActContent = { value: null, version: settled.version + 1, ...(detached.length > 0 && { detached }) };
    await recordAct(tx, { reportId, layer: 3, factor: factor.code, subject, by: by.id, now }, content);
    dropped++;
  }
  return dropped;
}
