import { expect } from "chai";
import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import { recordDissent } from "../../server/findings/dissent.ts";
import { proposeCorrection, proposeEdits } from "../../server/findings/proposals.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { askSecondReview, decideFinding } from "../../server/findings/review.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { factsOf } from "../../server/reports/facts.ts";
import { type Actor, ROLES, type Role } from "../../workflows/actor.ts";
import { decide, REPORT_STATES, type ReportState } from "../../workflows/report.decide.ts";
import { ABOUT_ONE_FINDING, QUIET_EVENTS, type ReportEvent } from "../../workflows/report.machine.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { clock } from "../support/databases.ts";
import { type BuiltReport, passagesOf, reportIn } from "../support/reports.ts";
import { eventOf, REPORT_EVENTS } from "./facts.ts";

type Answer = Awaited<ReturnType<Visitor["get"]>>;
const now = clock().toISOString();
let app: RunningApp;

/** The request of a page that causes each event: the only list kept by hand, and it does not compile when an event is missing. */
const REQUESTS: Record<ReportEvent["type"], (visitor: Visitor, report: BuiltReport) => Promise<Answer>> = {
  DOCUMENT_ADDED: (visitor, { id, version }) =>
    visitor.upload(`/rapports/${id}/documents`, { version: String(version) }, [
      { field: "documents", name: "annexe.txt", bytes: new TextEncoder().encode(`Annexe ${newId()}`) },
    ]),
  SHEET_CORRECTED: async (visitor, { id, version }) => {
    const sheet = await app.database.db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    return visitor.post(`/rapports/${id}/fiche`, {
      version: String(version),
      issuingKind: sheet.issuing_kind,
      issuingService: "Parquet général d’Orléans",
      receivedOn: sheet.received_on,
      actDate: sheet.act_date,
      actKind: sheet.act_kind,
      department: sheet.department,
      court: sheet.court,
      proceedings: sheet.proceedings,
      victim_female: "1",
      perpetrator_male: "1",
    });
  },
  REPORT_ASSIGNED: (visitor, { id, version, analyst }) =>
    visitor.post(`/rapports/${id}/affecter`, { version: String(version), analyst: analyst.id, priority: "high", due: "" }),
  VALUE_CODED: async (visitor, { id }) => {
    const coding = await app.database.db
      .selectFrom("coding")
      .selectAll()
      .where("report_id", "=", id)
      .where("factor", "=", "physical_violence")
      .executeTakeFirstOrThrow();
    return visitor.post(`/rapports/${id}/codage/valeur`, {
      factor: coding.factor,
      subject: coding.subject,
      seenVersion: String(coding.version),
      value: coding.value,
      confidence: "low",
    });
  },
  LAYER_SUBMITTED: (visitor, { id, version }) => visitor.post(`/rapports/${id}/codage/remettre-en-aveugle`, { version: String(version) }),
  LAYER_REOPENED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/rouvrir-codage`, { version: String(version), layer: "1", reason: "Une pièce relue" }),
  SECOND_CODING_ASKED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/second-codage`, {
      version: String(version),
      second: cast.second.id,
      adjudicator: "",
      reason: "Confiance faible",
    }),
  VALUE_ADJUDICATED: async (visitor, { id }) => {
    const versionOn = async (layer: 1 | 2 | 3) => {
      const row = await app.database.db
        .selectFrom("coding")
        .select("version")
        .where("report_id", "=", id)
        .where("layer", "=", layer)
        .where("factor", "=", "physical_violence")
        .executeTakeFirst();
      return String(row?.version ?? 0);
    };
    return visitor.post(`/rapports/${id}/arbitrage/valeur`, {
      factor: "physical_violence",
      subject: "case",
      choice: "second",
      reason: `Les voisins ne disent rien des autres jours, ${newId()}`,
      first: await versionOn(1),
      second: await versionOn(2),
      settled: await versionOn(3),
    });
  },
  ADJUDICATION_SUBMITTED: (visitor, { id, version }) => visitor.post(`/rapports/${id}/arbitrage/remettre`, { version: String(version) }),
  CODING_SUBMITTED: (visitor, { id, version }) => visitor.post(`/rapports/${id}/codage/remettre`, { version: String(version) }),
  CODING_RESUMED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/codage/reprendre`, { version: String(version), reason: "Une pièce relue" }),
  CODING_RETURNED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/codage/renvoyer`, { version: String(version), reason: "Des passages à revoir" }),
  FINDING_WRITTEN: async (visitor, { id }) =>
    visitor.post(`/rapports/${id}/constats`, {
      kind: "context",
      statement: "La séparation avait été annoncée aux proches.",
      factors: ["separation_announced"],
      passages: await passagesOf(app.database.db, id, "separation_announced"),
    }),
  FINDINGS_SUBMITTED: (visitor, { id, version }) => visitor.post(`/rapports/${id}/constats/soumettre`, { version: String(version) }),
  FINDINGS_RESUMED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/constats/reprendre`, { version: String(version), reason: "Un constat à préciser" }),
  FINDING_APPROVED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1`, { version: String(version), decision: "approve", comment: "", checks: [...PUBLIC_CHECKS] }),
  FINDING_RETURNED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1`, {
      version: String(version),
      decision: "return",
      category: "evidence",
      comment: "Citer la pièce",
    }),
  FINDINGS_RETURNED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/renvoyer`, { version: String(version), reason: "À reprendre" }),
  FINDINGS_PUBLISHED: (visitor, { id, version }) => visitor.post(`/rapports/${id}/relecture/publier`, { version: String(version) }),
  FINDING_EDITS_PROPOSED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1/proposer`, {
      version: String(version),
      statement: "La plainte a attendu à la brigade.",
      publicStatement: "",
      service: "",
      reason: "Plus court",
    }),
  FINDING_EDITS_ACCEPTED: (visitor, { id, version }) => visitor.post(`/rapports/${id}/constats/1/accepter`, { version: String(version) }),
  FINDING_EDITS_DECLINED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/constats/1/refuser`, { version: String(version), reason: "La date compte" }),
  SECOND_REVIEW_ASKED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1/seconde-relecture`, { version: String(version) }),
  PUBLIC_STATEMENT_CONFIRMED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1/confirmer`, { version: String(version), comment: "", checks: [...PUBLIC_CHECKS] }),
  DISSENT_RECORDED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/constats/1/desaccord`, { version: String(version), page: "constats", text: "La pièce dit autre chose." }),
  DISSENT_WITHDRAWN: async (visitor, { id, version }) => {
    const own = await app.database.db
      .selectFrom("finding_dissent")
      .innerJoin("finding", "finding.id", "finding_dissent.finding_id")
      .select("finding_dissent.id")
      .where("report_id", "=", id)
      .executeTakeFirst();
    return visitor.post(`/rapports/${id}/constats/1/desaccord/${own?.id ?? "aucun"}/retirer`, {
      version: String(version),
      page: "relecture",
    });
  },
  FINDING_CORRECTION_PROPOSED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/constats/1/corriger`, {
      version: String(version),
      statement: "La plainte a attendu à la brigade.",
      publicStatement: "",
      service: "",
      reason: "Une erreur de service",
    }),
  FINDING_CORRECTED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1/correction`, { version: String(version), answer: "accept", comment: "Vu" }),
  FINDING_CORRECTION_DECLINED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1/correction`, { version: String(version), answer: "decline", comment: "Non" }),
  FINDING_WITHDRAWN: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/relecture/1/retirer`, { version: String(version), reason: "La pièce a été annulée" }),
  REPORT_REOPENED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/rouvrir`, { version: String(version), kind: "judgment", reason: "Arrêt de la cour d’assises" }),
  REPORT_SET_ASIDE: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/ecarter`, { version: String(version), kind: "out_of_scope", reason: "Hors du champ" }),
  REPORT_RESTORED: (visitor, { id, version }) =>
    visitor.post(`/rapports/${id}/reprendre`, { version: String(version), reason: "Écarté par erreur" }),
};

/** Everybody who may come to a report, with what each has to do with it. */
type Person = { who: string; visitor: Visitor; actor: Actor | null };
let people: Person[];
let cast: { second: Actor; adjudicator: Actor; analyst: Actor; everything: Actor; coder: Actor; author: Actor; depositor: Actor };

/** A report in a state in which every act that the state knows could be done by the right person: nothing is missing. */
async function complete(
  state: ReportState,
  analyst: Actor,
  coding: "single" | "blind" | "handed in" = "single",
  waiting: Waiting = "nothing",
): Promise<BuiltReport> {
  const through: Record<ReportState, ReportState> = {
    received: "coded",
    coded: "analysed",
    analysed: "analysed",
    published: "published",
    set_aside: "analysed",
  };
  const report = await reportIn(app.database, through[state], { analyst });
  await app.database.db.transaction().execute(async (tx) => {
    const { id, reviewer, coordinator } = report;
    const step = async (event: ReportEvent) => applyEvent(tx, { reportId: id, seenVersion: report.version++, event, now });
    if (state === "received") await step({ type: "CODING_RESUMED", by: analyst, reason: "Une pièce relue" });
    const acting = (by: Actor) => ({ reportId: id, seenVersion: report.version++, by, now });
    const other = { number: 1, statement: "La plainte a dormi.", publicStatement: null, service: null, reason: "Plus court" };
    if (state === "analysed")
      for (const number of [1, 2])
        await decideFinding(tx, acting(reviewer), { number, decision: "approved", comment: "", checklist: PUBLIC_CHECKS });
    if (waiting === "edits") await proposeEdits(tx, acting(reviewer), { ...other, checklist: [] });
    if (waiting === "second review") await askSecondReview(tx, acting(reviewer), 1);
    if (waiting === "correction") await proposeCorrection(tx, acting(analyst), other);
    if (state === "coded") await step({ type: "FINDINGS_RESUMED", by: analyst, reason: "Un constat à préciser" });
    if (waiting === "dissent") await recordDissent(tx, acting(analyst), { number: 1, text: "La pièce dit autre chose." });
    if (state === "set_aside") await step({ type: "REPORT_SET_ASIDE", by: coordinator, reason: "Doublon" });
    await tx.updateTable("report").set({ deposited_by: cast.depositor.id }).where("id", "=", id).execute();
    if (coding !== "single") await codedTwice(tx, report, coding === "handed in");
    await tx
      .insertInto("coding_act")
      .values({ report_id: id, layer: 1, factor: "victim_fear", subject: report.victim, by: cast.coder.id, at: now, after: null })
      .execute();
    await tx
      .insertInto("assignment")
      .values({
        id: newId(),
        report_id: id,
        analyst_id: cast.coder.id,
        layer: 1,
        assigned_by: coordinator.id,
        assigned_at: now,
        ended_at: now,
      })
      .execute();
    await tx.insertInto("report_author").values({ report_id: id, account_id: cast.author.id }).execute();
  });
  return report;
}

/**
 * The same report coded by a second analyst, who differs on one value, with somebody to settle it; nothing is missing on either layer.
 * Handed in, everything is settled too, and the adjudication could be submitted.
 */
async function codedTwice(tx: Tx, { id, coordinator }: BuiltReport, handedIn: boolean): Promise<void> {
  await tx.updateTable("report").set({ coding_mode: "blind", counted_layer: 3 }).where("id", "=", id).execute();
  const assigned = { report_id: id, assigned_by: coordinator.id, assigned_at: now, ended_at: null };
  for (const [layer, { id: analyst_id }] of [
    [2, cast.second],
    [3, cast.adjudicator],
  ] as const)
    await tx
      .insertInto("assignment")
      .values({ ...assigned, id: newId(), analyst_id, layer })
      .execute();
  const first = await tx.selectFrom("coding").selectAll().where("report_id", "=", id).where("layer", "=", 1).execute();
  const ties = await tx
    .selectFrom("coding_passage")
    .innerJoin("coding", "coding.id", "coding_passage.coding_id")
    .select(["coding_id", "passage_id"])
    .where("report_id", "=", id)
    .execute();
  for (const layer of handedIn ? ([2, 3] as const) : ([2] as const))
    for (const { id: from, ...coding } of first) {
      const other = layer === 2 && coding.factor === "physical_violence";
      const copy = { ...coding, id: newId(), layer, coded_by: layer === 2 ? cast.second.id : cast.adjudicator.id };
      await tx
        .insertInto("coding")
        .values(other ? { ...copy, value: "unknown" } : copy)
        .execute();
      for (const { passage_id } of ties.filter(({ coding_id }) => coding_id === from))
        if (!other) await tx.insertInto("coding_passage").values({ coding_id: copy.id, passage_id }).execute();
    }
  if (handedIn)
    await tx.updateTable("assignment").set({ submitted_at: now }).where("report_id", "=", id).where("layer", "in", [1, 2]).execute();
}

/** How a report has to be coded for an event to be able to happen to it. */
const codingFor = (state: ReportState, type: ReportEvent["type"]) => {
  if (state !== "received") return "single";
  if (type === "LAYER_SUBMITTED") return "blind";
  return type === "LAYER_REOPENED" || type === "VALUE_ADJUDICATED" || type === "ADJUDICATION_SUBMITTED" ? "handed in" : "single";
};

/** What has to wait on the first finding for an event to be able to happen to it. */
type Waiting = "nothing" | "edits" | "second review" | "correction" | "dissent";
const waitingFor = (state: ReportState, type: ReportEvent["type"]): Waiting => {
  if (type === "FINDING_EDITS_ACCEPTED" || type === "FINDING_EDITS_DECLINED")
    return state === "coded" || state === "analysed" ? "edits" : "nothing";
  if (type === "PUBLIC_STATEMENT_CONFIRMED") return state === "analysed" ? "second review" : "nothing";
  if (type === "FINDING_CORRECTED" || type === "FINDING_CORRECTION_DECLINED") return state === "published" ? "correction" : "nothing";
  if (type === "DISSENT_WITHDRAWN") return state === "coded" || state === "analysed" || state === "published" ? "dissent" : "nothing";
  return "nothing";
};

/** What is stored of a report: its row and history whole, everything tied to it by count and version. */
async function stored(id: string) {
  const { db } = app.database;
  const report = await db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const history = await db.selectFrom("report_event").selectAll().where("report_id", "=", id).orderBy("version").execute();
  const versions = (table: "coding" | "finding" | "recommendation") =>
    db
      .selectFrom(table)
      .select((e) => [e.fn.countAll<number>().as("rows"), e.fn.sum<number>("version").as("versions")])
      .where("report_id", "=", id)
      .executeTakeFirstOrThrow();
  const rows = (
    table:
      | "adjudication"
      | "double_coding"
      | "coding_act"
      | "assignment"
      | "document"
      | "edition"
      | "edition_value"
      | "person"
      | "passage"
      | "report_author",
  ) =>
    db
      .selectFrom(table)
      .select((e) => e.fn.countAll<number>().as("rows"))
      .where("report_id", "=", id)
      .executeTakeFirstOrThrow();
  const findings = await db
    .selectFrom("finding")
    .select(["number", "status", "second_review"])
    .where("report_id", "=", id)
    .orderBy("number")
    .execute();
  const decisions = await db
    .selectFrom("finding_decision")
    .innerJoin("finding", "finding.id", "finding_decision.finding_id")
    .select((e) => e.fn.countAll<number>().as("rows"))
    .where("report_id", "=", id)
    .executeTakeFirstOrThrow();
  return {
    report,
    history,
    coding: await versions("coding"),
    acts: await rows("coding_act"),
    adjudications: await rows("adjudication"),
    compared: await rows("double_coding"),
    findings,
    proposals: await db
      .selectFrom("finding_proposal")
      .innerJoin("finding", "finding.id", "finding_proposal.finding_id")
      .select(["finding_proposal.id", "outcome"])
      .where("report_id", "=", id)
      .orderBy("finding_proposal.id")
      .execute(),
    dissents: await db
      .selectFrom("finding_dissent")
      .innerJoin("finding", "finding.id", "finding_dissent.finding_id")
      .select(["finding_dissent.id", "withdrawn_at"])
      .where("report_id", "=", id)
      .orderBy("finding_dissent.id")
      .execute(),
    findingVersions: await versions("finding"),
    recommendations: await versions("recommendation"),
    decisions,
    assignments: await rows("assignment"),
    documents: await rows("document"),
    editions: await rows("edition"),
    figures: await rows("edition_value"),
    people: await rows("person"),
    passages: await rows("passage"),
    authors: await rows("report_author"),
  };
}

const isQuiet = (type: ReportEvent["type"]) => (QUIET_EVENTS as readonly string[]).includes(type);

describe("every act on a report, by everybody, over HTTP", () => {
  before(async () => {
    app = await startApp();
    const signed = async (who: string, ...roles: Role[]): Promise<Person & { actor: Actor }> => {
      const visitor = await visitorWith(app, ...roles);
      return { who, visitor, actor: { id: visitor.person.id, roles } };
    };
    const analyst = await signed("the assigned analyst", "analyst");
    const everything = await signed("the assigned analyst, who holds every role", ...ROLES);
    const coder = await signed("a reviewer who coded it before it went to somebody else", "analyst", "reviewer");
    const author = await signed("a reviewer who wrote one of its findings", "reviewer");
    const depositor = await signed("its depositor", "correspondent");
    const second = await signed("the second of two coders", "analyst");
    const adjudicator = await signed("the adjudicator", "analyst");
    const nobody = new Visitor(app.url);
    await nobody.get("/connexion"); // a token: it is not the lack of one that stops them
    people = [
      ...(await Promise.all(ROLES.map((role) => signed(`an uninvolved ${role}`, role)))),
      analyst,
      everything,
      coder,
      author,
      depositor,
      second,
      adjudicator,
      await signed("somebody uninvolved who holds every role", ...ROLES),
      { who: "nobody signed in", visitor: nobody, actor: null },
    ];
    cast = {
      second: second.actor,
      adjudicator: adjudicator.actor,
      analyst: analyst.actor,
      everything: everything.actor,
      coder: coder.actor,
      author: author.actor,
      depositor: depositor.actor,
    };
  });
  after(() => app.close());

  for (const state of REPORT_STATES) {
    describe(`on a report that is ${state}`, () => {
      /** One report in this state for each analyst it is assigned to, built anew only after an act that moved it. */
      const ready = new Map<string, BuiltReport>();
      let moved = new Set<string>();
      const reportFor = async (person: Person, type: ReportEvent["type"]): Promise<BuiltReport> => {
        const analyst = person.actor?.id === cast.everything.id ? cast.everything : cast.analyst;
        const coding = codingFor(state, type);
        const waiting = waitingFor(state, type);
        const key = `${analyst.id} ${coding} ${waiting}`;
        if (!ready.has(key)) ready.set(key, await complete(state, analyst, coding, waiting));
        return ready.get(key)!;
      };
      const forget = (report: BuiltReport) => {
        for (const [key, one] of ready) if (one === report) ready.delete(key);
      };
      before(() => {
        moved = new Set();
      });

      for (const type of REPORT_EVENTS) {
        it(`${type} happens for those whom the machine allows, and for nobody else`, async () => {
          for (const person of people) {
            const report = await reportFor(person, type);
            const before = await stored(report.id);
            expect(before.report.state).to.equal(state);
            const aboutOne = before.findings.length > 0 && ABOUT_ONE_FINDING.some((one) => one === type);
            const facts = await factsOf(app.database.db, before.report, aboutOne ? 1 : null);
            const decision = person.actor && decide(state, facts, eventOf(type, person.actor));
            const answer = await REQUESTS[type](person.visitor, report);
            const after = await stored(report.id);
            const said = `${person.who}: ${answer.status} ${answer.location ?? ""}`;

            if (decision?.kind !== "moved") {
              expect(after, said).to.deep.equal(before);
              if (person.actor) expect(answer.status, said).to.be.oneOf([403, 404, 409]);
              else if (answer.status !== 403) expect([answer.status, answer.location], said).to.deep.equal([303, "/connexion"]);
              continue;
            }
            expect(answer.status, said).to.equal(303);
            expect(answer.location, said).to.match(/^\/rapports\/RETEX-\d{4}-\d{4}/);
            moved.add(type);
            forget(report);
            if (isQuiet(type)) {
              expect([after.report, after.history], said).to.deep.equal([before.report, before.history]);
              if (type === "VALUE_ADJUDICATED") {
                expect(after.acts.rows, said).to.equal(before.acts.rows + 1);
                expect(after.adjudications.rows, said).to.equal(before.adjudications.rows + 1);
              } else if (type === "VALUE_CODED") {
                expect(after.acts.rows, said).to.equal(before.acts.rows + 1);
                expect(after.coding, said).to.deep.equal({ ...before.coding, versions: Number(before.coding.versions) + 1 });
              } else expect(after.findings.length, said).to.equal(before.findings.length + 1);
              continue;
            }
            expect([after.report.state, after.report.version], said).to.deep.equal([decision.to, before.report.version + 1]);
            expect(after.history.slice(0, -1), said).to.deep.equal(before.history);
            expect(after.history.at(-1), said).to.include({
              type,
              version: after.report.version,
              from_state: decision.from,
              to_state: decision.to,
              by: person.actor!.id,
              at: now,
            });
          }
        });
      }

      it("every act that the state knows was seen to happen", () => {
        const two = { coding: "single" as const, layers: [], adjudicator: null, undecidedDifferences: 0, unacceptedAgreements: 0 };
        const facts = {
          ...two,
          depositor: null,
          analysts: [],
          coders: [],
          authors: [],
          documents: 0,
          uncodedFactors: 0,
          unprovenFactors: 0,
        };
        const none = { findings: 0, findingsWithoutEvidence: 0, recommendationsWithoutFinding: 0 };
        const undecided = { undecidedFindings: 0, approvedFindings: 0, returnedFindings: 0, proposedFindings: 0 };
        const review = { secondReviewsWaiting: 0, publishedFindings: 0, finding: null, blockingIssues: 0 };
        const known = REPORT_EVENTS.filter(
          (type) =>
            decide(state, { ...facts, ...none, ...undecided, ...review }, eventOf(type, { id: "x", roles: [] })).kind !== "not-offered",
        );
        expect([...moved].sort()).to.deep.equal(known.sort());
      });
    });
  }

  it("tells nothing about a report to those who may not read it, whatever version they claim to have seen", async () => {
    const report = await complete("analysed", cast.analyst);
    for (const role of ["correspondent", "administrator"] as const) {
      const { visitor } = people.find(({ who }) => who === `an uninvolved ${role}`)!;
      for (const type of REPORT_EVENTS)
        for (const version of [0, report.version, report.version + 1]) {
          const answer = await REQUESTS[type](visitor, { ...report, version });
          expect(answer.status, `${role}, ${type}, version ${version}`).to.be.oneOf([403, 404]);
        }
    }
  });

  it("refuses an act on a report that does not exist as on one that may not be read", async () => {
    const report = await complete("received", cast.analyst);
    const coordinator = people.find(({ who }) => who === "an uninvolved coordinator")!;
    for (const type of REPORT_EVENTS.filter((one) => !isQuiet(one) && one !== "SHEET_CORRECTED")) {
      const answer = await REQUESTS[type](coordinator.visitor, { ...report, id: "RETEX-2026-9999" });
      expect(answer.status, type).to.equal(404);
    }
  });

  it("says to a depositor that something happened meanwhile, not who did it nor why", async () => {
    const report = await complete("received", cast.analyst);
    const coordinator = await visitorWith(app, "coordinator");
    const depositor = people.find(({ who }) => who === "its depositor")!;
    expect((await REQUESTS.REPORT_ASSIGNED(coordinator, report)).status).to.equal(303);
    const second = await REQUESTS.DOCUMENT_ADDED(depositor.visitor, report);
    expect(second.status).to.equal(409);
    expect(second.text).to.include("Rapport affecté");
    const { name } = await app.database.db
      .selectFrom("account")
      .select("name")
      .where("id", "=", coordinator.person.id)
      .executeTakeFirstOrThrow();
    expect(second.text).not.to.include(name);
    expect((await depositor.visitor.get(`/rapports/${report.id}`)).text).not.to.match(/Personne \d+ *\)/);
  });
});
