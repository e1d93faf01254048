import { createHash } from "node:crypto";
import type { AddresseeContactTable, Channel, Db, RecommendationTable, Tx } from "../../db/schema.ts";
import { addContact } from "../../server/answers/contacts.ts";
import { actOnRecommendation } from "../../server/follow-up/act.ts";
import { recordAnswer } from "../../server/follow-up/answer.ts";
import { listContacts } from "../../server/follow-up/contacts.ts";
import { makeLink } from "../../server/follow-up/links.ts";
import type { Proof } from "../../server/follow-up/proofs.ts";
import { dayOf } from "../../server/http/formats.ts";
import {
  type Acting,
  assessAnswer,
  assessImplementation,
  changeDeadlines,
  findNoAnswer,
  issueRecommendation,
  recordReceipt,
  reopenRecommendation,
  sendReminder,
} from "../../server/recommendations/life.ts";
import { tieRecommendation } from "../../server/recommendations/ties.ts";
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
  private readonly tx: Tx;
  private readonly by: Actor;
  private readonly until: string;
  private row: RecommendationTable;
  private last = "";

  constructor(tx: Tx, by: Actor, until: string, row: RecommendationTable) {
    this.tx = tx;
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

  /** An act at the next moment of the day, in office hours. */
  private async act(done: (acting: Acting) => Promise<unknown>): Promise<string> {
    const [hour, minute] = [this.random.integer(8, 13), this.random.integer(0, 59)];
    const drawn = `${this.day}T${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}:00.000Z`;
    this.last = drawn > this.last ? drawn : new Date(Date.parse(this.last) + 25 * 60_000).toISOString();
    await done({ reference: this.row.reference, seenVersion: this.row.version, by: this.by, now: this.last });
    this.row = await this.tx.selectFrom("recommendation").selectAll().where("id", "=", this.row.id).executeTakeFirstOrThrow();
    return this.last;
  }
  private happens = (event: RecommendationEvent) => this.act((acting) => actOnRecommendation(this.tx, { ...acting, event }));

  /** What is kept of something sent or come back on this day, with the number of its slip or message. */
  private paper(kind: "sent" | "receipt", channel: Channel, to: Contact) {
    const number = String(this.random.integer(10_000, 99_999));
    const slip = kind === "receipt" ? `AR ${number}` : `RAR ${this.day.slice(0, 4)}-${number}`;
    const message = `Message du ${this.day.split("-").reverse().join("/")}, n° ${number}`;
    return {
      onDate: this.day,
      channel,
      contact: to.id,
      recipient: null,
      proofReference: channel === "registered_letter" ? slip : channel === "email" ? message : null,
      proof: null,
    };
  }

  /** Sends it with an answer awaited within `months` months; the deadline of its report holds if it still lies ahead. */
  issue(to: Contact, channel: Channel, months: number) {
    const answerDue = workingDay(later(this.day, months * 30));
    const given = this.row.deadline;
    const deadline = given && given > later(answerDue, 60) ? given : workingDay(later(answerDue, this.random.pick([120, 180, 270, 365])));
    return this.act((acting) => issueRecommendation(this.tx, acting, { ...this.paper("sent", channel, to), deadline, answerDue }));
  }
  receipt = (to: Contact, channel: Channel) => this.act((acting) => recordReceipt(this.tx, acting, this.paper("receipt", channel, to)));
  remind = (to: Contact, channel: Channel) => this.act((acting) => sendReminder(this.tx, acting, this.paper("sent", channel, to)));
  postpone(days: number) {
    const deadline = workingDay(later(this.day, Math.max(0, this.daysTo(this.deadline)) + days));
    const reason = this.random.pick(DEADLINE_REASONS);
    return this.act((acting) => changeDeadlines(this.tx, acting, { deadline, answerDue: this.row.answer_due, reason }));
  }

  /** An answer, by letter or through a personal link made a few days before; with a note where something is done already. */
  async answer(said: Answer, to: Contact, throughLink: boolean): Promise<void> {
    let link: string | null = null;
    if (throughLink) {
      await this.act(async (acting) => {
        const made = await makeLink(this.tx, acting, { contactId: to.id, recipient: to.service, expiresOn: later(this.day, 90) });
        link = made.link.id;
      });
      this.wait(this.random.integer(2, 12));
    }
    const bytes = new TextEncoder().encode(
      `Note de service (document fictif)\n\nObjet : suites données à la recommandation ${this.row.reference}.\n\nLes services appliquent la mesure à compter de ce jour.\n`,
    );
    const note: Proof = {
      fileName: "note-de-service.txt",
      mediaType: "text/plain",
      byteCount: bytes.length,
      digest: sha256(bytes),
      bytes,
    };
    // A letter was signed a little before it is recorded, but not before it was asked for.
    const signed = later(this.day, -2);
    const given = {
      said,
      text: this.random.pick(ANSWER_TEXTS[said]),
      answeredOn: !throughLink && signed > dayOf(this.row.issued_at!) ? signed : this.day,
      plannedFor: (said === "accepted" || said === "in_progress") && this.deadline > this.day ? this.deadline : null,
      respondent: to.person ? `${to.person}, ${to.service}` : to.service,
    };
    const proofs = said === "implemented" || said === "already_in_place" ? [note] : [];
    const at = await this.act((acting) => recordAnswer(this.tx, { ...acting, by: link === null ? this.by : { link }, given, proofs }));
    if (link !== null) await this.tx.updateTable("answer_link").set({ opened_at: at, answered_at: at }).where("id", "=", link).execute();
  }

  assess(value: AnswerAssessment) {
    const comment = this.random.pick(ASSESSMENT_TEXTS[value]);
    return this.act((acting) =>
      value === "no_answer" ? findNoAnswer(this.tx, acting, comment) : assessAnswer(this.tx, acting, { value, comment }),
    );
  }
  findImplementation(value: Implementation) {
    const comment = this.random.pick(IMPLEMENTATION_TEXTS[value]);
    return this.act((acting) => assessImplementation(this.tx, acting, { value, comment, onDate: this.day }));
  }
  acknowledge = () => this.happens({ type: "ANSWER_ACKNOWLEDGED", by: this.by });
  close = (found: Implementation) => this.happens({ type: "RECOMMENDATION_CLOSED", by: this.by, reason: CLOSING_TEXTS[found] });
  question = () => this.happens({ type: "EVIDENCE_QUESTIONED", by: this.by });
  maintain = (reason: string) => this.happens({ type: "RECOMMENDATION_MAINTAINED", by: this.by, reason });
  withdraw = (reason: string) => this.happens({ type: "RECOMMENDATION_WITHDRAWN", by: this.by, reason });
  reopen(reason: string) {
    const [answerDue, deadline] = [workingDay(later(this.day, 90)), workingDay(later(this.day, 365))];
    return this.act((acting) => reopenRecommendation(this.tx, acting, { reason, answerDue, deadline }));
  }
  tie = (kind: "same_as" | "part_of", target: string) => this.act((acting) => tieRecommendation(this.tx, { ...acting, kind, target }));
}

/** What comes after an answer: acknowledged, assessed, its implementation looked at, closed; as far as time allows. */
async function afterAnswer(life: Life, to: Contact, said: Answer): Promise<void> {
  const { random } = life;
  if (!life.wait(random.integer(2, 9))) return;
  await life.acknowledge();
  if (random.chance(0.08) || !life.wait(random.integer(12, 55))) return;
  await life.assess(among(random, FOUND[said]));
  let last = said;
  if ((said === "accepted" || said === "in_progress") && random.chance(0.4)) {
    if (!life.wait(random.integer(90, 200))) return;
    last = random.chance(0.6) ? "implemented" : "partly_implemented";
    await life.answer(last, to, random.chance(0.3));
    if (!life.wait(random.integer(10, 40))) return;
    await life.assess(among(random, FOUND[last]));
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
  await life.assess("no_answer");
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
  await life.answer(said, to, random.chance(0.35));
  if (random.chance(0.09) && life.wait(random.integer(5, 20))) await life.postpone(random.pick([90, 120, 180]));
  await afterAnswer(life, to, said);
}

/** Same words, one addressee: the later ones are tied to the first; and one recommendation of a service to that of its ministry. */
async function tie(sent: readonly Life[], all: readonly RecommendationTable[]): Promise<void> {
  const lives = new Map(sent.filter(({ state, age }) => state !== "withdrawn" && age > 2).map((life) => [life.id, life]));
  const rows = all.filter(({ id }) => lives.has(id));
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
    const life = lives.get(one.id)!;
    if (life.wait(1)) await life.tie(kind, target.reference);
  }
}

/** Findings behind three of them changed: two wait for a decision, one was maintained. */
async function question(sent: readonly Life[]): Promise<void> {
  const [issued, answered, assessed] = (["issued", "answered", "assessed"] as const).map((state) =>
    sent.findLast((life) => life.state === state),
  );
  for (const life of [issued, answered, assessed]) if (life?.wait(3)) await life.question();
  if (assessed?.wait(2)) await assessed.maintain("Le constat corrigé porte toujours la recommandation : seule sa date a changé.");
}

/** The lives of the demonstration's recommendations: sent, received, answered, assessed, closed or left without an answer. All or nothing. */
export async function followUp(db: Db, { coordinator }: { coordinator: Actor }, now: Date): Promise<void> {
  const until = now.toISOString();
  await db.transaction().execute(async (tx) => {
    const approved = await tx.selectFrom("recommendation").selectAll().where("state", "=", "approved").orderBy("reference").execute();
    const first = approved.map(({ approved_at }) => approved_at!).sort()[0] ?? until;
    for (const [addressee, { contacts }] of Object.entries(CORRESPONDENCE))
      for (const { service, person, email, postal } of contacts)
        await addContact(tx, { addressee, service, person, email, postal_address: postal, language: "fr" }, coordinator, first);
    const contacts = Map.groupBy(await listContacts(tx), ({ addressee }) => addressee);
    const sent: Life[] = [];
    for (const row of approved) {
      const letters = CORRESPONDENCE[row.addressee];
      // Nobody leads: somebody has to be named before it can leave.
      if (!letters) continue;
      const life = new Life(tx, coordinator, until, row);
      await live(life, letters, life.random.pick(contacts.get(row.addressee)!));
      if (life.state !== "approved") sent.push(life);
    }
    const closed = sent.find(({ state }) => state === "closed");
    const issued = sent.find(({ state }) => state === "issued");
    if (issued?.wait(60)) await issued.withdraw("Reprise dans une recommandation nationale plus précise.");
    if (closed?.wait(120)) await closed.reopen("Le facteur revient dans des affaires plus récentes : la mesure est à reprendre.");
    await tie(sent, approved);
    await question(sent);
  });
}
