import { expect } from "chai";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { type BuiltReport, passagesOf, reportIn } from "../support/reports.ts";

type Person = Visitor & { person: { id: string; roles: ("analyst" | "reviewer" | "coordinator")[] } };

describe("the pages of findings and review", () => {
  let app: RunningApp;
  let analyst: Person;
  let reviewer: Person;
  before(async () => {
    app = await startApp();
    analyst = (await visitorWith(app, "analyst")) as Person;
    reviewer = (await visitorWith(app, "reviewer")) as Person;
  });
  after(() => app.close());

  const cast = () => ({ analyst: analyst.person, reviewer: reviewer.person });
  const built = (state: Parameters<typeof reportIn>[1]) => reportIn(app.database, state, cast());
  const versionOf = async ({ id }: Pick<BuiltReport, "id">) =>
    String((await app.database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow()).version);
  const stateOf = async ({ id }: Pick<BuiltReport, "id">) =>
    (await app.database.db.selectFrom("report").select("state").where("id", "=", id).executeTakeFirstOrThrow()).state;
  const FINDING = { kind: "good_practice", statement: "Un hébergement a été proposé le jour même.", factors: "good_practice" };

  describe("writing", () => {
    it("says what to do first when nothing is written, and offers it to the assigned analyst only", async () => {
      const { id } = await built("coded");
      const own = await analyst.get(`/rapports/${id}/constats`);
      expect(own.status).to.equal(200);
      expect(own.text).to.include("Aucun constat pour le moment").and.include(`href="/rapports/${id}/constats/nouveau"`);
      const other = await reviewer.get(`/rapports/${id}/constats`);
      expect(other.text).to.include("cet acte revient à l’analyste à qui le rapport est affecté");
      expect(other.text).not.to.include(`href="/rapports/${id}/constats/nouveau"`);
    });

    it("offers the documented factors with their values and passages, and none of the others", async () => {
      const { id } = await built("coded");
      const { status, text } = await analyst.get(`/rapports/${id}/constats/nouveau`);
      expect(status).to.equal(200);
      expect(text).to.include("Peur exprimée par la victime").and.include("Victime 1\u00a0: Présent");
      expect(text).to.include("j’ai peur de ce qu’il peut faire").and.include("Document 1 – rapport.txt");
      expect(text).not.to.include("Jalousie obsessionnelle");
    });

    it("keeps what was typed when a finding lacks its statement", async () => {
      const { id } = await built("coded");
      await analyst.get(`/rapports/${id}/constats/nouveau`);
      const { status, text } = await analyst.post(`/rapports/${id}/constats`, { ...FINDING, statement: " ", service: "CIDFF" });
      expect(status).to.equal(422);
      expect(text).to.include("Renseignez ce champ").and.include('value="CIDFF"');
      expect(text).to.match(/value="good_practice" checked/);
    });

    it("refuses a missed signal that no service knew before the act", async () => {
      const { id } = await built("coded");
      const { status, text } = await analyst.post(`/rapports/${id}/constats`, {
        ...FINDING,
        kind: "missed_signal",
        knownWhen: "discovered_after",
      });
      expect(status).to.equal(422);
      expect(text).to.include("Un signal manqué était connu d’un service avant les faits");
    });

    it("refuses a passage whose factor is not chosen, and a factor that is not documented", async () => {
      const { id } = await built("coded");
      const passages = await passagesOf(app.database.db, id, "victim_fear");
      const other = await analyst.post(`/rapports/${id}/constats`, { ...FINDING, passages });
      expect(other.status).to.equal(422);
      expect(other.text).to.include("n’appartient à aucun des facteurs cochés");
      const silent = await analyst.post(`/rapports/${id}/constats`, { ...FINDING, factors: "obsessive_jealousy" });
      expect(silent.status).to.equal(422);
      expect(silent.text).to.include("n’est pas documenté");
    });

    it("refuses a deadline of the past beside its field", async () => {
      const { id } = await built("coded");
      const { status, text } = await analyst.post(`/rapports/${id}/constats/recommandations`, {
        text: "Former les accueils.",
        addressee: "police",
        level: "national",
        theme: "training",
        type: "training",
        origin: "observatory",
        deadline: "2026-11-22",
      });
      expect(status).to.equal(422);
      expect(text).to.include("L’échéance est passée").and.include("Former les accueils.");
    });

    it("lists what is missing before the submission, as links", async () => {
      const { id } = await built("coded");
      await analyst.post(`/rapports/${id}/constats`, { ...FINDING, factors: "good_practice" });
      const { text } = await analyst.get(`/rapports/${id}/constats`);
      expect(text).to.include("1 constat n’est lié à aucun facteur ou à aucun passage");
      expect(text).to.include(`href="/rapports/${id}/constats/1#factors"`);
      const forced = await analyst.post(`/rapports/${id}/constats/soumettre`, { version: await versionOf({ id }) });
      expect(forced.status).to.equal(409);
      expect(forced.text).to.include("1 constat n’est lié à aucun facteur ou à aucun passage");
    });

    it("shows the second of two analysts' windows what happened, and keeps what it typed", async () => {
      const { id } = await built("coded");
      await analyst.post(`/rapports/${id}/constats`, FINDING);
      await analyst.post(`/rapports/${id}/constats/1`, { ...FINDING, version: "1", statement: "Première fenêtre" });
      const late = await analyst.post(`/rapports/${id}/constats/1`, { ...FINDING, version: "1", statement: "Seconde fenêtre" });
      expect(late.status).to.equal(409);
      expect(late.text).to.include("Constat 1 modifié").and.include("Seconde fenêtre");
      const { text } = await analyst.get(`/rapports/${id}/constats`);
      expect(text).to.include("Première fenêtre").and.not.include("Seconde fenêtre");
    });

    it("takes a finding away without forgetting it", async () => {
      const { id } = await built("coded");
      await analyst.post(`/rapports/${id}/constats`, FINDING);
      const { status } = await analyst.post(`/rapports/${id}/constats/1/supprimer`, { version: "1" });
      expect(status).to.equal(303);
      expect((await analyst.get(`/rapports/${id}/constats`)).text).not.to.include(FINDING.statement);
      const rows = await app.database.db.selectFrom("finding").select(["number", "deleted_at"]).where("report_id", "=", id).execute();
      expect(rows).to.have.length(1);
      expect(rows[0]?.deleted_at).to.be.a("string");
      await analyst.post(`/rapports/${id}/constats`, FINDING);
      expect((await analyst.get(`/rapports/${id}/constats`)).text).to.include("Constat 2");
    });

    it("gives recommendations references one after the other", async () => {
      const { id } = await built("analysed");
      const { id: next } = await built("analysed");
      const rows = await app.database.db
        .selectFrom("recommendation")
        .select("reference")
        .where("report_id", "in", [id, next])
        .orderBy("reference")
        .execute();
      const [one, two] = rows.map(({ reference }) => reference);
      expect(one).to.match(/^REC-2026-\d{4}$/);
      expect(Number(two!.slice(-4))).to.equal(Number(one!.slice(-4)) + 1);
    });
  });

  describe("review", () => {
    it("shows each finding with its coded factors, its passages in their sentences and its recommendations", async () => {
      const { id } = await built("analysed");
      const { status, text } = await reviewer.get(`/rapports/${id}/relecture`);
      expect(status).to.equal(200);
      expect(text).to.include("Information non transmise entre services").and.include("Pièce de procédure");
      expect(text).to.match(/La brigade <mark[^>]*>n’a pas transmis la plainte au parquet<\/mark> avant le 20 février 2024\./);
      expect(text).to.match(new RegExp(`href="/rapports/${id}/codage\\?facteur=signal_not_transmitted#passage-`));
      expect(text).to.include("dans les vingt-quatre heures").and.include("REC-2026-");
      expect(text).to.include("2 constats attendent une décision");
    });

    it("tells the analyst who coded why the review belongs to someone else, and refuses the decision", async () => {
      const both = (await visitorWith(app, "analyst", "reviewer")) as Person;
      const { id } = await reportIn(app.database, "analysed", { analyst: both.person });
      const { text } = await both.get(`/rapports/${id}/relecture`);
      expect(text).to.include("vous avez codé ce rapport").and.include("vous avez écrit un constat");
      expect(text).not.to.include(`action="/rapports/${id}/relecture/1"`);
      const forced = await both.post(`/rapports/${id}/relecture/1`, { version: await versionOf({ id }), decision: "approve" });
      expect(forced.status).to.equal(409);
      expect(forced.text).to.include("la relecture revient à une autre personne");
      const { id: another } = await built("analysed");
      await both.get(`/rapports/${another}/relecture`);
      const allowed = await both.post(`/rapports/${another}/relecture/1`, {
        version: await versionOf({ id: another }),
        decision: "approve",
        checks: [...PUBLIC_CHECKS],
        comment: "",
      });
      expect(allowed.status, "somebody who coded another report may review this one").to.equal(303);
    });

    it("asks for a comment to return a finding, and keeps the choice", async () => {
      const { id } = await built("analysed");
      await reviewer.get(`/rapports/${id}/relecture`);
      const { status, text } = await reviewer.post(`/rapports/${id}/relecture/1`, {
        version: await versionOf({ id }),
        decision: "return",
        comment: " ",
      });
      expect(status).to.equal(422);
      expect(text).to.include('href="#comment-1"').and.include("Dites pourquoi vous renvoyez ce constat");
      expect(text).to.match(/id="decision-1-1" name="decision" value="return" checked/);
    });

    it("shows the second of two reviewers what the first did, and keeps what was typed", async () => {
      const { id } = await built("analysed");
      const version = await versionOf({ id });
      const second = await visitorWith(app, "reviewer");
      await reviewer.get(`/rapports/${id}/relecture`);
      await second.get(`/rapports/${id}/relecture`);
      const first = await reviewer.post(`/rapports/${id}/relecture/1`, {
        version,
        decision: "approve",
        comment: "Bien établi",
        checks: [...PUBLIC_CHECKS],
      });
      expect(first.location).to.equal(`/rapports/${id}/relecture#constat-2`);
      const late = await second.post(`/rapports/${id}/relecture/1`, {
        version,
        decision: "return",
        category: "scope",
        comment: "À nuancer",
      });
      expect(late.status).to.equal(409);
      expect(late.text).to.include("Constat approuvé").and.include("Bien établi").and.include("À nuancer");
      const decisions = await app.database.db
        .selectFrom("finding_decision")
        .innerJoin("finding", "finding.id", "finding_decision.finding_id")
        .select("decision")
        .where("report_id", "=", id)
        .execute();
      expect(decisions).to.deep.equal([{ decision: "approved" }]);
    });

    it("does not publish while a finding waits, and says so", async () => {
      const { id } = await built("analysed");
      const { status, text } = await reviewer.post(`/rapports/${id}/relecture/publier`, { version: await versionOf({ id }) });
      expect(status).to.equal(409);
      expect(text).to.include("2 constats attendent une décision");
    });
  });

  it("leads a returned finding through correction and approval to publication, then to a second edition", async () => {
    const { id, coordinator } = await built("analysed");
    const review = `/rapports/${id}/relecture`;
    const drafts = `/rapports/${id}/constats`;
    const decide = async (number: number, decision: string, comment = "") =>
      expect(
        (
          await reviewer.post(`${review}/${number}`, {
            version: await versionOf({ id }),
            decision,
            comment,
            category: "wording",
            checks: [...PUBLIC_CHECKS],
          })
        ).status,
      ).to.equal(303);

    await reviewer.get(review);
    await decide(1, "return", "Précisez le délai");
    await decide(2, "approve");
    await reviewer.post(`${review}/renvoyer`, { version: await versionOf({ id }), reason: "Un constat à reprendre" });
    expect(await stateOf({ id })).to.equal("coded");

    const returned = (await analyst.get(drafts)).text;
    expect(returned).to.include("Un constat à reprendre").and.include("Précisez le délai");
    expect(returned).to.include("1 constat renvoyé n’a pas été repris");
    const corrected = {
      version: "1",
      kind: "missed_signal",
      statement: "La plainte est restée dix-huit jours à la brigade.",
      knownWhen: "service_before",
      factors: ["signal_not_transmitted"],
      passages: await passagesOf(app.database.db, id, "signal_not_transmitted"),
    };
    expect((await analyst.post(`${drafts}/1`, corrected)).status).to.equal(303);
    expect((await analyst.post(`${drafts}/soumettre`, { version: await versionOf({ id }) })).status).to.equal(303);

    const again = (await reviewer.get(review)).text;
    expect(again).to.include("Précisez le délai").and.include("sur une rédaction antérieure");
    await decide(1, "approve", "Très bien");
    expect((await reviewer.post(`${review}/publier`, { version: await versionOf({ id }) })).status).to.equal(303);
    expect(await stateOf({ id })).to.equal("published");
    expect((await reviewer.get(review)).text).to.include(`href="/rapports/${id}/editions/1"`);
    const edition = (await analyst.get(`/rapports/${id}/editions/1`)).text;
    expect(edition).to.include("La plainte est restée dix-huit jours à la brigade.").and.include("n’a pas transmis la plainte au parquet");
    const state = async () =>
      app.database.db.selectFrom("recommendation").select(["state", "version"]).where("report_id", "=", id).executeTakeFirstOrThrow();
    expect(await state()).to.deep.equal({ state: "approved", version: 2 });

    // A judgment: the report is opened again and its findings change; what was published does not.
    const move = async (event: ReportEvent) => {
      const seenVersion = Number(await versionOf({ id }));
      await app.database.db
        .transaction()
        .execute((tx) => applyEvent(tx, { reportId: id, seenVersion, event, now: "2026-11-23T10:00:00.000Z" }));
    };
    await move({ type: "REPORT_REOPENED", by: coordinator, reason: "Jugement" });
    await move({ type: "CODING_SUBMITTED", by: analyst.person });
    expect((await analyst.post(`${drafts}/1/supprimer`, { version: "2" })).status).to.equal(303);
    const untied = (await analyst.get(drafts)).text;
    expect(untied).to.include("1 recommandation n’est liée à aucun constat").and.include("Déjà approuvée");
    expect((await analyst.post(`${drafts}/recommandations/1/supprimer`, { version: "2" })).status).to.equal(303);
    expect((await state()).state, "until the next edition the register keeps it").to.equal("approved");
    expect((await analyst.get(`/rapports/${id}/editions/1`)).text).to.include("La plainte est restée dix-huit jours à la brigade.");
    await analyst.post(`${drafts}/soumettre`, { version: await versionOf({ id }) });
    expect((await reviewer.get(review)).text).to.include("la publication les retirera");
    await reviewer.post(`${review}/publier`, { version: await versionOf({ id }) });

    const second = (await analyst.get(`/rapports/${id}/editions/2`)).text;
    const [carried = "", changed = ""] = second.split('id="depuis-la-precedente"');
    expect(carried).to.include("L’association a proposé").and.not.include("dix-huit jours");
    expect(changed).to.include("Constat 1").and.include("retiré").and.include("dix-huit jours");
    expect(second).to.include("Cette édition ne porte pas de recommandation");
    const first = (await analyst.get(`/rapports/${id}/editions/1`)).text;
    expect(first).to.include("Cette édition a été remplacée le 23 novembre 2026").and.include("dix-huit jours");
    expect((await state()).state).to.equal("withdrawn");
    const events = await app.database.db
      .selectFrom("recommendation_event")
      .innerJoin("recommendation", "recommendation.id", "recommendation_event.recommendation_id")
      .select(["recommendation_event.type", "recommendation_event.reason"])
      .where("report_id", "=", id)
      .orderBy("recommendation_event.version")
      .execute();
    expect(events).to.deep.equal([
      { type: "RECOMMENDATION_APPROVED", reason: null },
      { type: "RECOMMENDATION_WITHDRAWN", reason: "Non reprise dans l’édition 2 des constats" },
    ]);
  });

  it("publishes only the approved findings and the recommendations that rest on one of them", async () => {
    const { id } = await built("analysed");
    await reviewer.get(`/rapports/${id}/relecture`);
    for (const [number, decision] of [
      ["1", "return"],
      ["2", "approve"],
    ])
      await reviewer.post(`/rapports/${id}/relecture/${number}`, {
        version: await versionOf({ id }),
        decision: decision!,
        comment: "Vu",
        category: "other",
        checks: [...PUBLIC_CHECKS],
      });
    expect((await reviewer.post(`/rapports/${id}/relecture/publier`, { version: await versionOf({ id }) })).status).to.equal(303);
    const { text } = await reviewer.get(`/rapports/${id}/editions/1`);
    expect(text).to.include("Constat 2").and.not.include("Constat 1<");
    expect(text).not.to.include("REC-2026");
    const { state } = await app.database.db
      .selectFrom("recommendation")
      .select("state")
      .where("report_id", "=", id)
      .executeTakeFirstOrThrow();
    expect(state).to.equal("draft");
  });

  it("lists good practices with their source, and says when none matches", async () => {
    const { id } = await built("published");
    const { text } = await analyst.get("/bonnes-pratiques?q=hebergement");
    expect(text).to.include("Une association a proposé un hébergement dans la journée.");
    expect(text).to.include(`href="/rapports/${id}/editions/1#constat-2"`);
    expect((await analyst.get("/bonnes-pratiques?q=introuvable")).text).to.include("Aucune bonne pratique ne correspond");
  });

  it("speaks English to those who prefer it", async () => {
    const { id } = await built("analysed");
    for (const path of [`/rapports/${id}/constats`, `/rapports/${id}/relecture`, "/bonnes-pratiques"]) {
      const { status, text } = await reviewer.get(path, { cookie: `${reviewer.cookies}; langue=en` });
      expect(status).to.equal(200);
      expect(text).to.match(/Findings|Good practices/);
    }
  });
});
