import { expect } from "chai";
import { newId } from "../../db/ids.ts";
import type { RecommendationTable } from "../../db/schema.ts";
import { findRecommendation } from "../../server/follow-up/act.ts";
import { recommendationFactsOf } from "../../server/follow-up/facts.ts";
import { ACT_SLUGS, type ActType } from "../../server/recommendations/acts.ts";
import { type Actor, ROLES, type Role } from "../../workflows/actor.ts";
import {
  decideRecommendation,
  RECOMMENDATION_STATES,
  type RecommendationState,
  recommendationOffers,
} from "../../workflows/recommendation.decide.ts";
import {
  RECOMMENDATION_CONSEQUENCES,
  type RecommendationEvent,
  type RecommendationFacts,
  recommendationMachine,
} from "../../workflows/recommendation.machine.ts";
import { crossFindingRow, recommendationRow } from "../recommendations/support.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { clock } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";

type Type = RecommendationEvent["type"];
type Made = { row: RecommendationTable; link: string; finding: string; other: string };
type Person = { who: string; visitor: Visitor; actor: Actor | null };
type Answer = Awaited<ReturnType<Visitor["post"]>>;

const CONSEQUENCES: readonly Type[] = RECOMMENDATION_CONSEQUENCES;
/** What somebody asks for: a consequence has no form. */
const EVENTS = (recommendationMachine.events as Type[]).filter((type) => !CONSEQUENCES.includes(type));
const now = clock().toISOString();
const [DEADLINE, ANSWER_DUE, TODAY] = ["2027-09-30", "2027-01-20", "2026-11-23"];
let app: RunningApp;
let report: BuiltReport;

/** What a page would send for each event, filled as it should be. */
const paper = { onDate: TODAY, channel: "letter", proofReference: "AR 12" };
const FIELDS: Record<ActType, Record<string, string>> = {
  RECOMMENDATION_APPROVED: {},
  RECOMMENDATION_RETURNED: { reason: "Un motif" },
  RECOMMENDATION_ISSUED: { ...paper, recipient: "Direction", deadline: DEADLINE, answerDue: ANSWER_DUE },
  RECEIPT_RECORDED: paper,
  REMINDER_SENT: { ...paper, recipient: "Direction" },
  DEADLINES_CHANGED: { deadline: "2027-10-31", answerDue: "2027-02-20", reason: "Un motif" },
  ANSWER_RECEIVED: { said: "accepted", text: "Nous le ferons.", answeredOn: TODAY, plannedFor: "", respondent: "La directrice" },
  ANSWER_ACKNOWLEDGED: {},
  ANSWER_ASSESSED: { value: "acceptable", comment: "Elle répond à la demande." },
  NO_ANSWER_FOUND: { comment: "Rien n’est venu." },
  IMPLEMENTATION_ASSESSED: { value: "fully", comment: "Vu sur place.", onDate: TODAY },
  RECOMMENDATION_MAINTAINED: { reason: "Un motif" },
  RECOMMENDATION_CLOSED: { reason: "Un motif" },
  RECOMMENDATION_REOPENED: { reason: "Un motif", deadline: DEADLINE, answerDue: ANSWER_DUE },
  RECOMMENDATION_WITHDRAWN: { reason: "Un motif" },
};
const isAct = (type: Type): type is ActType => Object.hasOwn(ACT_SLUGS, type);

function request(type: Type, visitor: Visitor, { row, link, finding, other }: Made): Promise<Answer> {
  const at = `/recommandations/${row.reference}`;
  const version = String(row.version);
  if (isAct(type)) return visitor.post(`${at}/${ACT_SLUGS[type]}`, { version, ...FIELDS[type] });
  switch (type) {
    case "RECOMMENDATION_WRITTEN":
      return visitor.post(`${at}/modifier`, {
        version,
        text: "Former tous les services à l’évaluation du danger.",
        addressee: "gendarmerie",
        level: "national",
        theme: "training",
        type: "training",
        deadline: DEADLINE,
        proofExpected: "Un bilan",
        crossFindings: finding,
      });
    case "RECOMMENDATION_TIED":
      return visitor.post(`${at}/rapprocher`, { version, kind: "same_as", target: other });
    case "RECOMMENDATION_UNTIED":
      return visitor.post(`${at}/defaire`, { version, kind: "part_of" });
    case "ANSWER_LINK_MADE":
      return visitor.post(`${at}/liens`, { version, contact: "", recipient: "Direction", until: "2027-01-31", way: "self" });
    default:
      return visitor.post(`${at}/liens/${link}/revoquer`, { version });
  }
}

/** What the rules look at once the form's own dates count. */
const asked = (type: Type, facts: RecommendationFacts): RecommendationFacts =>
  type === "RECOMMENDATION_ISSUED" || type === "RECOMMENDATION_REOPENED" ? { ...facts, deadline: DEADLINE, answerDue: ANSWER_DUE } : facts;
const eventOf = (type: Type, by: Actor) => ({ type, by, reason: "Un motif" }) as RecommendationEvent;

/** Circumstances under which every rule holds, or each in its turn does not. */
const SITUATIONS = {
  "with nothing in its way": {
    addressee: "police",
    answer_due: "2026-11-01",
    questioned: false,
    finding: "approved",
    implementation: "fully",
  },
  "whose evidence is in question": {
    addressee: "police",
    answer_due: "2026-11-01",
    questioned: true,
    finding: "approved",
    implementation: "incomplete",
  },
  "without lead, whose finding was withdrawn and whose answer is not due": {
    addressee: "multi",
    answer_due: "2027-01-15",
    questioned: false,
    finding: "withdrawn",
    implementation: "in_progress",
  },
} as const;
type Situation = keyof typeof SITUATIONS;

async function make(state: RecommendationState, situation: Situation, author: string): Promise<Made> {
  const { db } = app.database;
  const { addressee, answer_due, questioned, finding, implementation } = SITUATIONS[situation];
  const at = "2026-09-01T09:00:00.000Z";
  const since = (...states: RecommendationState[]) => states.includes(state);
  const cross = await crossFindingRow(db, { written_by: report.analyst.id, state: finding }, [report.id]);
  const row = await recommendationRow(db, {
    report_id: null,
    written_by: author,
    addressee,
    state,
    deadline: "2027-06-30",
    approved_at: since("draft") ? null : "2026-08-01T09:00:00.000Z",
    issued_at: since("issued", "answered", "assessed", "closed") ? at : null,
    answer_due: since("issued", "answered", "assessed", "closed") ? answer_due : null,
    answered_at: since("answered") ? at : null,
    assessment: since("assessed", "closed") ? "acceptable" : null,
    assessed_at: since("assessed", "closed") ? at : null,
    implementation: state === "closed" ? "fully" : since("assessed") ? implementation : null,
    closed_at: since("closed") ? at : null,
    evidence_question_at: questioned && !since("draft", "withdrawn") ? at : null,
  });
  const whole = await recommendationRow(db, { report_id: null, written_by: author });
  const other = await recommendationRow(db, { report_id: null, written_by: author });
  await db.insertInto("recommendation_author").values({ recommendation_id: row.id, account_id: author }).execute();
  await db.insertInto("recommendation_cross_finding").values({ recommendation_id: row.id, cross_finding_id: cross.id }).execute();
  await db
    .insertInto("recommendation_tie")
    .values({ recommendation_id: row.id, kind: "part_of", target_id: whole.id, by: author, at })
    .execute();
  const link = newId();
  await db
    .insertInto("answer_link")
    .values({
      id: link,
      recommendation_id: row.id,
      contact_id: null,
      recipient: "Direction",
      hash: `${link}`.replaceAll("-", "").padEnd(64, "0").slice(0, 64),
      created_by: report.coordinator.id,
      created_at: at,
      expires_at: "2027-01-31T22:59:59.999Z",
      revoked_at: null,
      opened_at: null,
      answered_at: null,
    })
    .execute();
  // A draft cites a finding that can be cited, whatever became of the one it was first written with.
  const citable = finding === "approved" ? cross : await crossFindingRow(db, { written_by: report.analyst.id });
  return { row, link, finding: citable.reference, other: other.reference };
}

/** What is stored of a recommendation and of everything written beside it. */
async function stored({ row }: Made) {
  const { db } = app.database;
  const of = (
    table:
      | "recommendation_event"
      | "recommendation_dispatch"
      | "recommendation_answer"
      | "recommendation_assessment"
      | "recommendation_tie"
      | "answer_link",
  ) => db.selectFrom(table).selectAll().where("recommendation_id", "=", row.id).execute();
  return {
    row: await db.selectFrom("recommendation").selectAll().where("id", "=", row.id).executeTakeFirstOrThrow(),
    events: await of("recommendation_event"),
    dispatches: await of("recommendation_dispatch"),
    answers: await of("recommendation_answer"),
    assessments: await of("recommendation_assessment"),
    ties: await of("recommendation_tie"),
    links: await of("answer_link"),
  };
}
/** Tables in which an event writes a row of its own. */
const WRITES: Partial<Record<Type, "dispatches" | "answers" | "assessments" | "ties" | "links">> = {
  RECOMMENDATION_ISSUED: "dispatches",
  RECEIPT_RECORDED: "dispatches",
  REMINDER_SENT: "dispatches",
  ANSWER_RECEIVED: "answers",
  ANSWER_ASSESSED: "assessments",
  NO_ANSWER_FOUND: "assessments",
  IMPLEMENTATION_ASSESSED: "assessments",
  RECOMMENDATION_TIED: "ties",
  ANSWER_LINK_MADE: "links",
};

describe("every act on a recommendation, by everybody, over HTTP", function () {
  this.timeout(180_000);
  let people: Person[];
  let author: Actor;

  before(async () => {
    app = await startApp();
    report = await reportIn(app.database, "published");
    const signed = async (who: string, ...roles: Role[]): Promise<Person & { actor: Actor }> => {
      const visitor = await visitorWith(app, ...roles);
      return { who, visitor, actor: { id: visitor.person.id, roles } };
    };
    const writer = await signed("its author, who is also a reviewer and the head", "analyst", "reviewer", "coordinator");
    author = writer.actor;
    const nobody = new Visitor(app.url);
    await nobody.get("/connexion"); // a token: it is not the lack of one that stops them
    people = [
      ...(await Promise.all(ROLES.map((role) => signed(`an uninvolved ${role}`, role)))),
      writer,
      await signed("somebody uninvolved who holds every role", ...ROLES),
      { who: "nobody signed in", visitor: nobody, actor: null },
    ];
  });
  after(() => app.close());

  for (const situation of Object.keys(SITUATIONS) as Situation[])
    for (const state of RECOMMENDATION_STATES)
      describe(`on one that is ${state}, ${situation}`, () => {
        let made: Made | null = null;
        const ready = async () => {
          made ??= await make(state, situation, author.id);
          return made;
        };

        it("each event happens for those whom the machine allows, and for nobody else", async () => {
          for (const type of EVENTS)
            for (const person of people) {
              const one = await ready();
              const before = await stored(one);
              const facts = await recommendationFactsOf(app.database.db, one.row, now);
              const decision = person.actor && decideRecommendation(state, asked(type, facts), eventOf(type, person.actor));
              const answer = await request(type, person.visitor, one);
              const after = await stored(one);
              const said = `${type}, ${person.who}: ${answer.status} ${answer.location ?? ""}`;
              if (decision?.kind !== "moved") {
                expect(after, said).to.deep.equal(before);
                if (person.actor) expect(answer.status, said).to.be.oneOf([403, 404, 409]);
                else if (answer.status !== 403) expect([answer.status, answer.location], said).to.deep.equal([303, "/connexion"]);
                continue;
              }
              made = null; // the next act finds it as it was
              expect(answer.status, said).to.be.oneOf([200, 303]);
              expect([after.row.state, after.row.version], said).to.deep.equal([decision.to, before.row.version + 1]);
              expect(after.events.slice(0, -1), said).to.deep.equal(before.events);
              expect(after.events.at(-1), said).to.include({
                type,
                version: after.row.version,
                from_state: decision.from,
                to_state: decision.to,
                by: person.actor!.id,
                at: now,
              });
              for (const table of ["dispatches", "answers", "assessments", "ties", "links"] as const)
                expect(after[table].length - before[table].length, `${said}, ${table}`).to.equal(
                  WRITES[type] === table ? 1 : type === "RECOMMENDATION_UNTIED" && table === "ties" ? -1 : 0,
                );
            }
        });

        it("its page offers each person exactly what the machine allows, and says why not", async () => {
          const { row } = await ready();
          const facts = await recommendationFactsOf(app.database.db, await findRecommendation(app.database.db, row.reference), now);
          for (const { who, visitor, actor } of people) {
            const page = await visitor.get(`/recommandations/${row.reference}`);
            if (!actor?.roles.some((role) => role === "analyst" || role === "reviewer" || role === "coordinator")) {
              expect(page.status, who).to.be.oneOf([303, 403]);
              continue;
            }
            const offers = recommendationOffers(state, facts, actor);
            const allowed = offers.filter(
              ({ type, broken }) => isAct(type) && (broken.length === 0 || String(broken) === "aDeadlineIsAhead"),
            );
            const shown = [...page.text.matchAll(/<form method="post" action="\/recommandations\/REC-\d+-\d+\/([a-z-]+)"/g)].map(
              ([, slug]) => slug,
            );
            const acts = shown.filter((slug) => Object.values(ACT_SLUGS).some((one) => one === slug));
            expect(acts.sort(), who).to.deep.equal(allowed.map(({ type }) => ACT_SLUGS[type as ActType]).sort());
            const may = (type: Type) => offers.some((offer) => offer.type === type && offer.broken.length === 0);
            expect(shown.includes("rapprocher"), `${who} ties`).to.equal(may("RECOMMENDATION_TIED"));
            expect(shown.includes("defaire"), `${who} unties`).to.equal(may("RECOMMENDATION_UNTIED"));
            expect(page.text.includes(`href="/recommandations/${row.reference}/modifier"`), `${who} writes`).to.equal(
              may("RECOMMENDATION_WRITTEN"),
            );
            expect(
              page.text.includes(`href="/recommandations/${row.reference}/liens"`) || !may("ANSWER_LINK_MADE"),
              `${who} makes links`,
            ).to.equal(true);
          }
        });
      });

  describe("in the end", () => {
    it("every event that the machine knows was seen to happen", async () => {
      const seen = await app.database.db.selectFrom("recommendation_event").select("type").distinct().execute();
      expect(seen.map(({ type }) => type).sort()).to.include.members([...EVENTS].sort());
    });
  });

  it("tells nothing of a recommendation that does not exist, nor of the draft of a report", async () => {
    const { visitor } = people.find(({ who }) => who.startsWith("somebody"))!;
    const draft = await recommendationRow(app.database.db, {
      report_id: report.id,
      written_by: author.id,
      state: "draft",
      approved_at: null,
    });
    const missing = await make("issued", "with nothing in its way", author.id);
    for (const reference of ["REC-2026-9999", draft.reference])
      for (const type of EVENTS) {
        const answer = await request(type, visitor, { ...missing, row: { ...missing.row, reference } });
        expect(answer.status, `${type} ${reference}`).to.equal(404);
      }
  });

  it("says to the second of two what the first did meanwhile, and keeps what was typed", async () => {
    const head = people.find(({ who }) => who === "an uninvolved coordinator")!;
    const one = await make("answered", "with nothing in its way", author.id);
    expect((await request("ANSWER_ASSESSED", head.visitor, one)).status).to.equal(303);
    const late = await head.visitor.post(`/recommandations/${one.row.reference}/apprecier-reponse`, {
      version: String(one.row.version),
      value: "unacceptable",
      comment: "Un commentaire tapé trop tard",
    });
    expect(late.status).to.equal(409);
    expect(late.text).to.include("Réponse appréciée").and.include("Un commentaire tapé trop tard");
    const { assessments } = await stored(one);
    expect(assessments.map(({ value }) => value)).to.deep.equal(["acceptable"]);
  });
});
