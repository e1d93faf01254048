import { expect } from "chai";
import { newId } from "../../db/ids.ts";
import { askSecondReview, confirmPublicStatement, findCrossFinding, proposeEdits, recordDissent } from "../../server/cross-findings/act.ts";
import { crossFindingFactsOf } from "../../server/cross-findings/facts.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { type Actor, ROLES, type Role } from "../../workflows/actor.ts";
import { CROSS_FINDING_STATES, type CrossFindingState, decideCrossFinding } from "../../workflows/cross-finding.decide.ts";
import {
  CROSS_FINDING_CONSEQUENCES,
  type CrossFindingEvent,
  crossFindingMachine,
  QUIET_CROSS_FINDING_EVENTS,
} from "../../workflows/cross-finding.machine.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { acting, basisFor, crossFindingIn, LATER, NOW, type Scene, scene, WORDS } from "./support.ts";

type Answer = Awaited<ReturnType<Visitor["get"]>>;
type Asked = Exclude<CrossFindingEvent["type"], (typeof CROSS_FINDING_CONSEQUENCES)[number]>;
const EVENTS = (crossFindingMachine.events as CrossFindingEvent["type"][]).filter(
  (type): type is Asked => !(CROSS_FINDING_CONSEQUENCES as readonly string[]).includes(type),
);
let app: RunningApp;
let set: Scene;

/** The request of a page that causes each event: the only list kept by hand, and it does not compile when an event is missing. */
const REQUESTS: Record<Asked, (visitor: Visitor, reference: string, version: string) => Promise<Answer>> = {
  CROSS_FINDING_WRITTEN: async (visitor, reference, version) =>
    visitor.post(`/constats/${reference}`, {
      version,
      kind: WORDS.kind,
      statement: `${WORDS.statement} ${newId()}`,
      publicStatement: WORDS.publicStatement,
      service: WORDS.service,
      knownWhen: WORDS.knownWhen,
      basis: (await basisFor(app.database.db, set.reports)).map((one) => `${one.reportId} ${one.factor} ${one.edition}`),
    }),
  CROSS_FINDING_SUBMITTED: (visitor, reference, version) => visitor.post(`/constats/${reference}/soumettre`, { version }),
  CROSS_FINDING_RESUMED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/reprendre`, { version, resumeReason: "Une affaire de plus" }),
  CROSS_FINDING_RETURNED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/renvoyer`, { version, category: "evidence", returnReason: "Citer les passages" }),
  EDITS_PROPOSED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/proposer`, {
      version,
      proposedStatement: "D’autres mots.",
      proposedPublic: WORDS.publicStatement,
      proposedService: "",
      proposalReason: "Plus court",
    }),
  EDITS_ACCEPTED: (visitor, reference, version) => visitor.post(`/constats/${reference}/accepter`, { version }),
  EDITS_DECLINED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/ecarter`, { version, declineReason: "Le sens change" }),
  SECOND_REVIEW_ASKED: (visitor, reference, version) => visitor.post(`/constats/${reference}/seconde-relecture`, { version }),
  PUBLIC_STATEMENT_CONFIRMED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/confirmer`, { version, checks: [...PUBLIC_CHECKS] }),
  DISSENT_RECORDED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/desaccord`, { version, dissent: "Une affaire dit le contraire" }),
  DISSENT_WITHDRAWN: (visitor, reference, version) => visitor.post(`/constats/${reference}/desaccord/retirer`, { version }),
  CROSS_FINDING_APPROVED: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/approuver`, { version, checks: [...PUBLIC_CHECKS], comment: "" }),
  CORRECTION_BEGUN: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/corriger`, { version, correctionReason: "Une affaire de plus" }),
  CROSS_FINDING_WITHDRAWN: (visitor, reference, version) =>
    visitor.post(`/constats/${reference}/retirer`, { version, withdrawalReason: "Les affaires ne se ressemblent pas" }),
};

/** Everybody who may come to a finding, with what each has to do with it. */
type Person = { who: string; visitor: Visitor; actor: Actor | null };
let people: Person[];
let cast: Record<"author" | "second" | "dissenter" | "everything", Actor>;

/** What has to be so for an event to be possible to somebody. */
async function ready(state: CrossFindingState, type: Asked): Promise<string> {
  const reference = await crossFindingIn(app.database, state, set);
  const { id } = await findCrossFinding(app.database.db, reference);
  await app.database.db.insertInto("cross_finding_author").values({ cross_finding_id: id, account_id: cast.author.id }).execute();
  if (type === "EDITS_ACCEPTED" || type === "EDITS_DECLINED") {
    if (state === "draft") await back(reference, id, "in_review");
    if (state === "draft" || state === "in_review")
      await acting(app.database, reference, set.reviewer, (tx, act) =>
        proposeEdits(tx, act, { statement: "D’autres mots.", publicStatement: WORDS.publicStatement, service: null }, "Plus court"),
      );
    if (state === "draft") await back(reference, id, "draft");
  }
  if (type === "PUBLIC_STATEMENT_CONFIRMED" && state === "in_review")
    await acting(app.database, reference, set.coordinator, askSecondReview);
  if (type === "CROSS_FINDING_APPROVED" && state === "in_review") {
    await acting(app.database, reference, set.coordinator, askSecondReview);
    await acting(app.database, reference, cast.second, (tx, act) => confirmPublicStatement(tx, act, PUBLIC_CHECKS));
  }
  if (type === "DISSENT_WITHDRAWN" && state !== "withdrawn")
    await acting(app.database, reference, cast.dissenter, (tx, act) => recordDissent(tx, act, "Non"));
  return reference;
}
const back = (_: string, id: string, state: CrossFindingState) =>
  app.database.db.updateTable("cross_finding").set({ state }).where("id", "=", id).execute();

/** What is stored of a finding: its row and history whole, everything tied to it by count. */
async function stored(reference: string) {
  const { db } = app.database;
  const row = await findCrossFinding(db, reference);
  const history = await db
    .selectFrom("cross_finding_event")
    .selectAll()
    .where("cross_finding_id", "=", row.id)
    .orderBy("version")
    .execute();
  const rows = async (table: "cross_finding_text" | "cross_finding_basis" | "cross_finding_dissent" | "cross_finding_proposal") =>
    db.selectFrom(table).selectAll().where("cross_finding_id", "=", row.id).execute();
  return {
    row,
    history,
    texts: await rows("cross_finding_text"),
    basis: await rows("cross_finding_basis"),
    dissents: await rows("cross_finding_dissent"),
    proposals: await rows("cross_finding_proposal"),
  };
}

describe("every act on a cross-case finding, by everybody, over HTTP", () => {
  before(async () => {
    app = await startApp();
    set = await scene(app.database);
    const signed = async (who: string, ...roles: Role[]): Promise<Person & { actor: Actor }> => {
      const visitor = await visitorWith(app, ...roles);
      return { who, visitor, actor: { id: visitor.person.id, roles } };
    };
    const author = await signed("a reviewer who wrote it", "analyst", "reviewer");
    const second = await signed("its second reader", "reviewer");
    const dissenter = await signed("somebody who dissents", "analyst");
    const coder = await signed("a reviewer who coded one of its reports", "analyst", "reviewer");
    const everything = await signed("somebody uninvolved who holds every role", ...ROLES);
    await app.database.db
      .insertInto("coding_act")
      .values({
        report_id: set.reports[1]!.id,
        layer: 1,
        factor: "victim_fear",
        subject: set.reports[1]!.victim,
        by: coder.actor.id,
        at: NOW,
        after: null,
      })
      .execute();
    const nobody = new Visitor(app.url);
    await nobody.get("/connexion"); // a token: it is not the lack of one that stops them
    people = [
      ...(await Promise.all(ROLES.map((role) => signed(`an uninvolved ${role}`, role)))),
      author,
      second,
      dissenter,
      coder,
      everything,
      { who: "nobody signed in", visitor: nobody, actor: null },
    ];
    cast = { author: author.actor, second: second.actor, dissenter: dissenter.actor, everything: everything.actor };
  });
  after(() => app.close());

  for (const state of CROSS_FINDING_STATES)
    describe(`on a finding in the state ${state}`, () => {
      const moved = new Set<string>();
      for (const type of EVENTS)
        it(`${type} happens for those whom the machine allows, and for nobody else`, async () => {
          let reference: string | null = null;
          for (const { who, visitor, actor } of people) {
            reference ??= await ready(state, type);
            const before = await stored(reference);
            expect(before.row.state).to.equal(state);
            const facts = await crossFindingFactsOf(app.database.db, before.row);
            const decision = actor && decideCrossFinding(state, facts, { type, by: actor, reason: "Un motif" } as CrossFindingEvent);
            const answer = await REQUESTS[type](visitor, reference, String(before.row.version));
            const after = await stored(reference);
            const said = `${who}: ${answer.status} ${answer.location ?? ""}`;
            if (decision?.kind !== "moved") {
              expect(after, said).to.deep.equal(before);
              if (actor) expect(answer.status, said).to.be.oneOf([403, 409]);
              else expect([answer.status, answer.location], said).to.deep.equal([303, "/connexion"]);
              continue;
            }
            expect([answer.status, answer.location], said).to.deep.equal([303, `/constats/${reference}`]);
            moved.add(type);
            expect([after.row.state, after.row.version], said).to.deep.equal([decision.to, before.row.version + 1]);
            if ((QUIET_CROSS_FINDING_EVENTS as readonly string[]).includes(type)) expect(after.history, said).to.deep.equal(before.history);
            else {
              expect(after.history.slice(0, -1), said).to.deep.equal(before.history);
              expect(after.history.at(-1), said).to.include({
                type,
                version: after.row.version,
                from_state: decision.from,
                to_state: decision.to,
                by: actor!.id,
                at: NOW,
              });
            }
            reference = null;
          }
        }).timeout(60_000);

      it("every act that the state knows was seen to happen", () => {
        const known = Object.keys(crossFindingMachine.config.states![state]!.on as object).filter((type) => EVENTS.includes(type as Asked));
        expect([...moved].sort()).to.deep.equal(known.sort());
      });
    });

  it("refuses what was decided on another version, and tells what happened meanwhile", async () => {
    const reference = await crossFindingIn(app.database, "in_review", set);
    const { version } = await findCrossFinding(app.database.db, reference);
    await acting(app.database, reference, set.author, (tx, act) => recordDissent(tx, act, "Non"), LATER);
    const reviewer = people.find(({ who }) => who === "an uninvolved reviewer")!.visitor;
    const answer = await REQUESTS.CROSS_FINDING_RETURNED(reviewer, reference, String(version));
    expect(answer.status).to.equal(409);
    expect(answer.text).to.include("Désaccord consigné").and.to.include("Citer les passages");
  });

  it("answers an act on a finding that does not exist as one that does not exist", async () => {
    const everything = people.find(({ who }) => who === "somebody uninvolved who holds every role")!.visitor;
    for (const type of EVENTS) expect((await REQUESTS[type](everything, "CT-2099-0001", "1")).status, type).to.equal(404);
  });
});
