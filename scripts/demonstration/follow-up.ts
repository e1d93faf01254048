import { createHash } from "node:crypto";
import { newId } from "../../db/ids.ts";
import type {
  AddresseeContactTable,
  AnswerLinkTable,
  AnswerProofTable,
  Channel,
  Db,
  RecommendationAnswerTable,
  RecommendationAssessmentTable,
  RecommendationDispatchTable,
  RecommendationTable,
  Tx,
} from "../../db/schema.ts";
import { actOnRecommendation } from "../../server/follow-up/act.ts";
import { type FollowUpChange, questionRecommendations } from "../../server/follow-up/move.ts";
import { dayOf } from "../../server/http/formats.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { Answer, AnswerAssessment, Implementation, RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import { DAY, daysBefore } from "./dates.ts";
import {
  ANSWER_TEXTS,
  ASSESSMENT_TEXTS,
  CLOSING_TEXTS,
  CORRESPONDENCE,
  type Correspondence,
  DEADLINE_REASONS,
  IMPLEMENTATION_TEXTS,
} from "./follow-up-texts.ts";
import { type Random, randomFrom } from "./random.ts";

type Contact = AddresseeContactTable;
/** Rows of the follow-up that are written in one go at the end; none refers to another that comes later. */
type Papers = {
  recommendation_dispatch: RecommendationDispatchTable[];
  recommendation_answer: RecommendationAnswerTable[];
  answer_proof: AnswerProofTable[];
  recommendation_assessment: Omit<RecommendationAssessmentTable, "id">[];
};

const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");
/** The same number for the same reference, so that a life does not depend on those of others. */
const seedOf = (reference: string) => Number.parseInt(sha256(reference).slice(0, 8), 16);
const later = (day: string, days: number) => daysBefore(day, -days);
/** The day itself, or the Monday after a week-end. */
const workingDay = (day: string): string => {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 6 ? later(day, 2) : weekday === 0 ? later(day, 1) : day;
};

const among = <V extends string>(random: Random, shares: Partial<Record<V, number>>): V => {
  const entries = Object.entries(shares) as [V, number][];
  let left = random.next() * entries.reduce((sum, [, share]) => sum + share, 0);
  for (const [value, share] of entries) {
    left -= share;
    if (left < 0) return value;
  }
  return entries.at(-1)![0];
};

const SAID: Record<Answer, number> = {
  accepted: 30,
  partly_accepted: 16,
  rejected: 9,
  already_in_place: 12,
  in_progress: 15,
  partly_implemented: 9,
  implemented: 9,
};
const FOUND: Record<Answer, Partial<Record<AnswerAssessment, number>>> = {
  accepted: { acceptable: 85, unacceptable: 15 },
  partly_accepted: { acceptable: 30, acceptable_alternative: 45, unacceptable: 25 },
  rejected: { acceptable_alternative: 25, unacceptable: 75 },
  already_in_place: { acceptable: 45, acceptable_alternative: 25, unacceptable: 30 },
  in_progress: { acceptable: 80, acceptable_alternative: 20 },
  partly_implemented: { acceptable: 60, acceptable_alternative: 40 },
  implemented: { acceptable: 90, unacceptable: 10 },
};
const CARRIED_OUT: Record<Answer, Partial<Record<Implementation, number>>> = {
  accepted: { fully: 40, in_progress: 25, incomplete: 20, not_implemented: 15 },
  partly_accepted: { fully: 20, in_progress: 25, incomplete: 40, not_implemented: 15 },
  rejected: { not_implemented: 80, without_object: 20 },
  already_in_place: { fully: 60, incomplete: 30, without_object: 10 },
  in_progress: { fully: 45, in_progress: 35, incomplete: 20 },
  partly_implemented: { fully: 30, in_progress: 30, incomplete: 40 },
  implemented: { fully: 88, incomplete: 12 },
};

/** One recommendation on its way: each act is dated, and none that lies after the end of the demonstration's time happens. */
class Life {
  readonly random: Random;
  day: string;
  answers = 0;
  private readonly tx: Tx;
  private readonly papers: Papers;
  private readonly by: Actor;
  private readonly until: string;
  private row: RecommendationTable;
  private last = "";

  constructor(tx: Tx, papers: Papers, by: Actor, until: string, row: RecommendationTable) {
    this.tx = tx;
    this.papers = papers;
    this.by = by;
    this.until = until;
    this.row = row;
    this.random = randomFrom(seedOf(row.reference));
    this.day = dayOf(row.approved_at!);
  }

  get deadline(): string {
    return this.row.deadline!;
  }
  /** Days from its last act to the end of the demonstration's time. */
  get age(): number {
    return this.daysTo(dayOf(this.until));
  }
  get state() {
    return this.row.state;
  }
  get id() {
    return this.row.id;
  }
  /** Days from the last act to another day. */
  daysTo(day: string): number {
    return Math.round((Date.parse(day) - Date.parse(this.day)) / DAY);
  }

  /** Passes to a working day some days later. @returns false, and stays, if that is yet to come */
  wait(days: number): boolean {
    const next = workingDay(later(this.day, Math.max(1, days)));
    if (`${next}T15:59:00.000Z` > this.until) return false;
    this.day = next;
    return true;
  }

  /** The moment of an act: in office hours, later than that of the one before. */
  private moment(): string {
    const [hour, minute] = [this.random.integer(8, 13), this.random.integer(0, 59)];
    const drawn = `${this.day}T${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}:00.000Z`;
    this.last = drawn > this.last ? drawn : new Date(Date.parse(this.last) + 25 * 60_000).toISOString();
    return this.last;
  }

  async happens(
    event: RecommendationEvent,
    { change, detail, at = this.moment() }: { change?: FollowUpChange; detail?: Record<string, string | number>; at?: string } = {},
  ): Promise<string> {
    this.row = await actOnRecommendation(this.tx, {
      reference: this.row.reference,
      seenVersion: this.row.version,
      event,
      now: at,
      ...(change && { change }),
      ...(detail && { detail }),
    });
    return at;
  }

  private paper(kind: "dispatch" | "reminder" | "receipt", channel: Channel, to: Contact, at: string): void {
    const number = String(this.random.integer(10_000, 99_999));
    this.papers.recommendation_dispatch.push({
      id: newId(),
      recommendation_id: this.row.id,
      kind,
      on_date: this.day,
      channel,
      contact_id: to.id,
      recipient: to.service,
      proof_reference:
        channel === "registered_letter"
          ? kind === "receipt"
            ? `AR ${number}`
            : `RAR ${this.day.slice(0, 4)}-${number}`
          : channel === "email"
            ? `Message du ${this.day.split("-").reverse().join("/")}, n° ${number}`
            : null,
      file_name: null,
      media_type: null,
      bytes: null,
      digest: null,
      by: this.by.id,
      link_id: null,
      at,
    });
  }

  /** Sends it with an answer awaited within `months` months; the deadline of its report holds if it still lies ahead. */
  async issue(to: Contact, channel: Channel, months: number): Promise<void> {
    const awaited = workingDay(later(this.day, months * 30));
    const given = this.row.deadline;
    const deadline = given && given > later(awaited, 60) ? given : workingDay(later(awaited, this.random.pick([120, 180, 270, 365])));
    const at = await this.happens(
      { type: "RECOMMENDATION_ISSUED", by: this.by },
      { change: { deadline, answer_due: awaited }, detail: { on: this.day, channel, deadline, answerDue: awaited } },
    );
    this.paper("dispatch", channel, to, at);
  }

  async receipt(to: Contact, channel: Channel): Promise<void> {
    const at = await this.happens({ type: "RECEIPT_RECORDED", by: this.by }, { detail: { on: this.day, channel } });
    this.paper("receipt", channel, to, at);
  }

  async remind(to: Contact, channel: Channel): Promise<void> {
    const at = await this.happens({ type: "REMINDER_SENT", by: this.by }, { detail: { on: this.day, channel } });
    this.paper("reminder", channel, to, at);
  }

  async postpone(days: number): Promise<void> {
    const deadline = workingDay(later(this.deadline, days));
    const reason = this.random.pick(DEADLINE_REASONS);
    await this.happens({ type: "DEADLINES_CHANGED", by: this.by, reason }, { change: { deadline }, detail: { deadline } });
  }

  /** An answer, by letter or through a personal link made the same day. @returns its id */
  async answer(said: Answer, to: Contact, throughLink: boolean): Promise<string> {
    const id = newId();
    const link: AnswerLinkTable | null = throughLink
      ? {
          id: newId(),
          recommendation_id: this.row.id,
          contact_id: to.id,
          recipient: to.service,
          hash: sha256(newId() + newId()),
          created_by: this.by.id,
          created_at: this.moment(),
          expires_at: `${later(this.day, 90)}T22:59:59.999Z`,
          revoked_at: null,
          opened_at: null,
          answered_at: null,
        }
      : null;
    if (link) {
      link.created_at = await this.happens(
        { type: "ANSWER_LINK_MADE", by: this.by },
        { detail: { recipient: to.service, expires: later(this.day, 90) } },
      );
      // The history names whoever answered by the link: it is there before.
      await this.tx.insertInto("answer_link").values(link).execute();
      this.wait(this.random.integer(2, 12));
    }
    const at = await this.happens(
      { type: "ANSWER_RECEIVED", by: link ? { link: link.id } : this.by },
      { detail: { number: this.answers + 1, said } },
    );
    if (link) await this.tx.updateTable("answer_link").set({ opened_at: at, answered_at: at }).where("id", "=", link.id).execute();
    this.answers += 1;
    this.papers.recommendation_answer.push({
      id,
      recommendation_id: this.row.id,
      number: this.answers,
      said,
      text: this.random.pick(ANSWER_TEXTS[said]),
      answered_on: throughLink
        ? this.day
        : this.row.issued_at && later(this.day, -2) > dayOf(this.row.issued_at)
          ? later(this.day, -2)
          : this.day,
      planned_for: said === "accepted" || said === "in_progress" ? this.deadline : null,
      respondent: to.person ? `${to.person}, ${to.service}` : to.service,
      received_at: at,
      by: link ? null : this.by.id,
      link_id: link?.id ?? null,
      nonce: null,
    });
    if (said === "implemented" || said === "already_in_place") {
      const bytes = new TextEncoder().encode(
        `Note de service (document fictif)\n\nObjet : suites données à la recommandation ${this.row.reference}.\n\nLes services appliquent la mesure à compter de ce jour.\n`,
      );
      this.papers.answer_proof.push({
        id: newId(),
        answer_id: id,
        file_name: "note-de-service.txt",
        media_type: "text/plain",
        byte_count: bytes.length,
        digest: sha256(bytes),
        bytes,
      });
    }
    return id;
  }

  private found(
    kind: "answer" | "implementation",
    value: AnswerAssessment | Implementation,
    comment: string,
    answer: string | null,
    at: string,
  ) {
    this.papers.recommendation_assessment.push({
      recommendation_id: this.row.id,
      kind,
      answer_id: answer,
      value,
      comment,
      on_date: this.day,
      by: this.by.id,
      at,
    });
  }

  async assess(value: AnswerAssessment, answer: string | null): Promise<void> {
    const reason = this.random.pick(ASSESSMENT_TEXTS[value]);
    const type = value === "no_answer" ? "NO_ANSWER_FOUND" : "ANSWER_ASSESSED";
    const at = await this.happens({ type, by: this.by, reason }, { change: { assessment: value }, detail: { value } });
    this.found("answer", value, reason, answer, at);
  }

  async findImplementation(value: Implementation): Promise<void> {
    const reason = this.random.pick(IMPLEMENTATION_TEXTS[value]);
    const at = await this.happens(
      { type: "IMPLEMENTATION_ASSESSED", by: this.by, reason },
      { change: { implementation: value }, detail: { value } },
    );
    this.found("implementation", value, reason, null, at);
  }

  close = (found: Implementation) => this.happens({ type: "RECOMMENDATION_CLOSED", by: this.by, reason: CLOSING_TEXTS[found] });
  acknowledge = () => this.happens({ type: "ANSWER_ACKNOWLEDGED", by: this.by });
  maintain = (reason: string) => this.happens({ type: "RECOMMENDATION_MAINTAINED", by: this.by, reason });
  withdraw = (reason: string) => this.happens({ type: "RECOMMENDATION_WITHDRAWN", by: this.by, reason });
  reopen = (reason: string, answer_due: string, deadline: string) =>
    this.happens(
      { type: "RECOMMENDATION_REOPENED", by: this.by, reason },
      { change: { answer_due, deadline }, detail: { answerDue: answer_due, deadline } },
    );
}

/** What comes after an answer: acknowledged, assessed, its implementation looked at, closed; as far as time allows. */
async function afterAnswer(life: Life, to: Contact, said: Answer, answer: string): Promise<void> {
  const { random } = life;
  if (!life.wait(random.integer(2, 9))) return;
  await life.acknowledge();
  if (random.chance(0.08) || !life.wait(random.integer(12, 55))) return;
  await life.assess(among(random, FOUND[said]), answer);
  let last = said;
  if ((said === "accepted" || said === "in_progress") && random.chance(0.4)) {
    if (!life.wait(random.integer(90, 200))) return;
    last = random.chance(0.6) ? "implemented" : "partly_implemented";
    const second = await life.answer(last, to, random.chance(0.3));
    if (!life.wait(random.integer(10, 40))) return;
    await life.assess(among(random, FOUND[last]), second);
  }
  if (random.chance(0.12) || !life.wait(Math.max(20, life.daysTo(life.deadline)) + random.integer(5, 45))) return;
  let found = among(random, CARRIED_OUT[last]);
  await life.findImplementation(found);
  if (found === "in_progress") {
    if (random.chance(0.7) || !life.wait(random.integer(150, 300))) return;
    found = random.chance(0.7) ? "fully" : "incomplete";
    await life.findImplementation(found);
  }
  if (random.chance(found === "fully" || found === "without_object" ? 0.92 : 0.45) && life.wait(random.integer(3, 30)))
    await life.close(found);
}

/** What comes when nobody answers: two reminders, then what the observatory finds. */
async function withoutAnswer(life: Life, to: Contact, channel: Channel, months: number): Promise<void> {
  const { random } = life;
  if (!life.wait(months * 30 + random.integer(8, 25))) return;
  await life.remind(to, channel === "letter" ? "letter" : "email");
  if (!life.wait(random.integer(40, 70))) return;
  await life.remind(to, "registered_letter");
  if (random.chance(0.3) || !life.wait(random.integer(90, 200))) return;
  await life.assess("no_answer", null);
  if (random.chance(0.5) || !life.wait(Math.max(30, life.daysTo(life.deadline)) + random.integer(10, 60))) return;
  await life.findImplementation("not_implemented");
  if (random.chance(0.4) && life.wait(random.integer(10, 40))) await life.close("not_implemented");
}

/** From approval onwards, as far as the demonstration's time goes. */
async function live(life: Life, { channel, answers }: Correspondence, to: Contact): Promise<void> {
  const { random } = life;
  // A few are never sent: approved, and forgotten in a drawer. Some of the latest left together, a few weeks ago.
  const late = life.age < 700 && random.chance(0.35);
  if (random.chance(0.06) || !life.wait(late ? life.age - random.integer(12, 75) : random.integer(18, 60))) return;
  const months = random.pick([2, 3, 3, 4]);
  await life.issue(to, channel, months);
  if (random.chance(channel === "letter" ? 0.55 : 0.88)) {
    if (!life.wait(random.integer(2, 10))) return;
    await life.receipt(to, channel);
  }
  if (!random.chance(answers)) return withoutAnswer(life, to, channel, months);
  // Most answer around the date they were given, some after a reminder.
  const delay = Math.round(18 + 75 * -Math.log(1 - random.next() * 0.985) * (channel === "letter" ? 1.25 : 1));
  if (delay > months * 30 + 20) {
    if (!life.wait(months * 30 + random.integer(6, 14))) return;
    await life.remind(to, "email");
    if (!life.wait(delay - months * 30)) return;
  } else if (!life.wait(delay)) return;
  const said = among(random, SAID);
  const answer = await life.answer(said, to, random.chance(0.35));
  if (random.chance(0.09) && life.wait(random.integer(5, 20))) await life.postpone(random.pick([90, 120, 180]));
  await afterAnswer(life, to, said, answer);
}

/** Same words, one addressee: the later ones are tied to the first; and one recommendation of a service to that of its ministry. */
async function tie(tx: Tx, by: Actor, sent: readonly Life[], all: readonly RecommendationTable[], at: string): Promise<void> {
  const standing = new Set(sent.filter(({ state }) => state !== "withdrawn").map(({ id }) => id));
  const rows = all.filter(({ id }) => standing.has(id));
  const alike = [...Map.groupBy(rows, ({ text, addressee }) => `${addressee} ${text}`).values()]
    .filter((group) => group.length > 1)
    .sort((a, b) => b.length - a.length || (a[0]!.reference < b[0]!.reference ? -1 : 1));
  const wanted = alike
    .slice(0, 2)
    .flatMap(([first, ...others], place) =>
      others.slice(0, place === 0 ? 3 : 1).map((one) => ({ one, kind: "same_as" as const, target: first! })),
    );
  const part = rows.find(({ theme, level }) => theme === "risk_assessment" && level !== "national");
  const whole = rows.find(({ theme, level }) => theme === "risk_assessment" && level === "national");
  const ties = part && whole ? [...wanted, { one: part, kind: "part_of" as const, target: whole }] : wanted;
  for (const { one, kind, target } of ties) {
    const { reference, id } = one;
    const { version } = await tx.selectFrom("recommendation").select("version").where("id", "=", id).executeTakeFirstOrThrow();
    await actOnRecommendation(tx, {
      reference,
      seenVersion: version,
      event: { type: "RECOMMENDATION_TIED", by },
      now: at,
      detail: { kind, target: target.reference },
    });
    await tx.insertInto("recommendation_tie").values({ recommendation_id: id, kind, target_id: target.id, by: by.id, at }).execute();
  }
}

/** Findings behind three of them changed: two wait for a decision, one was maintained. */
async function question(tx: Tx, sent: readonly Life[]): Promise<void> {
  const [issued, answered, assessed] = (["issued", "answered", "assessed"] as const).map((state) =>
    sent.findLast((life) => life.state === state),
  );
  for (const life of [issued, answered, assessed])
    if (life?.wait(3)) await questionRecommendations(tx, [life.id], `${life.day}T07:30:00.000Z`);
  if (assessed?.wait(2)) await assessed.maintain("Le constat corrigé porte toujours la recommandation : seule sa date a changé.");
}

/** The lives of the demonstration's recommendations: sent, received, answered, assessed, closed or left without an answer. All or nothing. */
export async function followUp(db: Db, { coordinator }: { coordinator: Actor }, now: Date): Promise<void> {
  const until = now.toISOString();
  const papers: Papers = {
    recommendation_dispatch: [],
    recommendation_answer: [],
    answer_proof: [],
    recommendation_assessment: [],
  };
  await db.transaction().execute(async (tx) => {
    const approved = await tx.selectFrom("recommendation").selectAll().where("state", "=", "approved").orderBy("reference").execute();
    const first = approved.map(({ approved_at }) => approved_at!).sort()[0] ?? until;
    const contacts = new Map<string, Contact[]>();
    for (const [addressee, { contacts: own }] of Object.entries(CORRESPONDENCE))
      contacts.set(
        addressee,
        own.map(({ service, person, email, postal }) => ({
          id: newId(),
          addressee,
          service,
          person,
          email,
          postal_address: postal,
          language: "fr",
          created_by: coordinator.id,
          created_at: first,
          closed_at: null,
        })),
      );
    await tx
      .insertInto("addressee_contact")
      .values([...contacts.values()].flat())
      .execute();
    const sent: Life[] = [];
    for (const row of approved) {
      const letters = CORRESPONDENCE[row.addressee];
      // Nobody leads: somebody has to be named before it can leave.
      if (!letters) continue;
      const life = new Life(tx, papers, coordinator, until, row);
      await live(life, letters, life.random.pick(contacts.get(row.addressee)!));
      if (life.state !== "approved") sent.push(life);
    }
    const closed = sent.filter(({ state }) => state === "closed");
    const issued = sent.filter(({ state }) => state === "issued");
    if (issued[0]?.wait(60)) await issued[0].withdraw("Reprise dans une recommandation nationale plus précise.");
    if (closed[0]?.wait(120))
      await closed[0].reopen(
        "Le facteur revient dans des affaires plus récentes : la mesure est à reprendre.",
        workingDay(later(closed[0].day, 90)),
        workingDay(later(closed[0].day, 365)),
      );
    await question(tx, sent);
    for (const [table, rows] of Object.entries(papers))
      for (let at = 0; at < rows.length; at += 200)
        await tx
          .insertInto(table as keyof Papers)
          .values(rows.slice(at, at + 200) as never)
          .execute();
    await tie(tx, coordinator, sent, approved, until);
  });
}
