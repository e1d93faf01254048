import { expect } from "chai";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { crossFindingRow, recommendationRow } from "./support.ts";

const TEXT = "Former tous les services de police à l’évaluation du danger avant l’été.";

describe("the life of a recommendation, on its pages", () => {
  let app: RunningApp;
  let built: BuiltReport;
  let head: Awaited<ReturnType<typeof visitorWith>>;
  let analyst: Awaited<ReturnType<typeof visitorWith>>;
  let reviewer: Awaited<ReturnType<typeof visitorWith>>;
  let cited: string;
  before(async () => {
    app = await startApp();
    built = await reportIn(app.database, "published");
    head = await visitorWith(app, "coordinator");
    analyst = await visitorWith(app, "analyst");
    reviewer = await visitorWith(app, "reviewer");
    cited = (await crossFindingRow(app.database.db, { written_by: built.analyst.id }, [built.id])).reference;
  });
  after(() => app.close());

  const rowOf = (reference: string) =>
    app.database.db.selectFrom("recommendation").selectAll().where("reference", "=", reference).executeTakeFirstOrThrow();
  const versionOf = async (reference: string) => String((await rowOf(reference)).version);
  /** Posts an act with what its form would hold. */
  const does = async (who: typeof head, reference: string, slug: string, fields: Record<string, string | string[]> = {}) =>
    who.post(`/recommandations/${reference}/${slug}`, { version: await versionOf(reference), ...fields });
  const issue = {
    onDate: "2026-11-20",
    channel: "registered_letter",
    recipient: "Direction centrale",
    deadline: "2027-06-30",
    answerDue: "2027-01-22",
    proofReference: "RAR 12",
  };
  const issued = async (more: Parameters<typeof recommendationRow>[1] | object = {}) =>
    (
      await recommendationRow(app.database.db, {
        report_id: built.id,
        written_by: built.analyst.id,
        state: "issued",
        issued_at: "2026-09-01T09:00:00.000Z",
        answer_due: "2026-11-01",
        deadline: "2027-06-30",
        ...more,
      })
    ).reference;

  describe("drafts out of cross-case findings", () => {
    const form = () => ({
      version: "0",
      text: TEXT,
      addressee: "police",
      associated: ["gendarmerie", "prosecutor"],
      level: "national",
      theme: "training",
      type: "training",
      deadline: "2027-06-30",
      proofExpected: "Taux d’agents formés",
      crossFindings: cited,
    });
    let reference: string;

    it("open with the finding ticked and the five checks of the wording, which are made again while one types", async () => {
      const page = await analyst.get(`/recommandations/nouvelle?constat=${cited}`);
      expect(page.status).to.equal(200);
      expect(page.text)
        .to.match(new RegExp(`value="${cited}" checked`))
        .and.include('data-check="verifiable"');
      const fields = { text: TEXT, addressee: "police", deadline: "", proofExpected: "", findings: "1" };
      const answer = await analyst.post("/recommandations/verifier", fields, { accept: "application/json" });
      const { checks } = JSON.parse(answer.text) as { checks: { code: string; ok: boolean; why: string[] }[] };
      expect(checks.filter(({ ok }) => !ok).map(({ code }) => code)).to.deep.equal(["dated", "verifiable"]);
      expect(checks.find(({ code }) => code === "dated")!.why).to.deep.equal(["aucune échéance n’est fixée"]);
    });

    it("are written by an analyst, and wait in the list of drafts for somebody else to approve", async () => {
      const answer = await analyst.post("/recommandations/nouvelle", form());
      expect(answer.status).to.equal(303);
      reference = answer.location!.split("/").at(-1)!;
      expect(reference).to.match(/^REC-2026-\d{4}$/);
      expect(await rowOf(reference)).to.include({
        state: "draft",
        version: 1,
        report_id: null,
        number: null,
        proof_expected: "Taux d’agents formés",
      });
      const list = await reviewer.get("/recommandations");
      expect(list.text).to.include("Projets").and.include(reference).and.include("Qui les a écrits ne les approuve pas");
      const page = await reviewer.get(`/recommandations/${reference}`);
      expect(page.text).to.include(`href="/constats/${cited}"`).and.include("Gendarmerie nationale, Parquet et parquet général");
      expect((await does(analyst, reference, "approuver")).status, "not by its author").to.equal(409);
    });

    it("are refused with every reason next to its field, and what was typed is kept", async () => {
      const refused = await analyst.post("/recommandations/nouvelle", {
        ...form(),
        addressee: "nobody",
        associated: ["nowhere"],
        deadline: "2026-11-23",
        crossFindings: "CT-2020-0001",
      });
      expect(refused.status).to.equal(422);
      expect(refused.text).to.include("L’échéance doit être à venir.").and.include(TEXT);
      expect(refused.text.match(/href="#(addressee|associated|deadline|crossFindings)"/g)).to.have.length(4);
      const twice = await analyst.post("/recommandations/nouvelle", { ...form(), associated: ["police"], crossFindings: [] });
      expect(twice.text)
        .to.include("Le chef de file n’est pas aussi destinataire associé.")
        .and.include("Choisissez au moins un constat transversal.");
      expect((await reviewer.post("/recommandations/nouvelle", form())).status, "not by a reviewer").to.equal(409);
      expect((await reviewer.get("/recommandations/nouvelle")).status).to.equal(409);
    });

    it("go back to their author with a reason, are written again, and approved enter the register", async () => {
      expect((await does(reviewer, reference, "renvoyer", { reason: "Précisez la preuve" })).status).to.equal(303);
      expect((await analyst.get("/recommandations")).text).to.include("renvoyé à l’auteur");
      expect((await analyst.get(`/recommandations/${reference}/modifier`)).text).to.include(TEXT);
      const again = { ...form(), text: `${TEXT} Un bilan est publié.`, associated: "prosecutor", version: await versionOf(reference) };
      expect((await analyst.post(`/recommandations/${reference}/modifier`, again)).status).to.equal(303);
      const late = await analyst.post(`/recommandations/${reference}/modifier`, again);
      expect(late.status).to.equal(409);
      expect(late.text).to.include("Un bilan est publié");
      expect((await does(reviewer, reference, "approuver")).status).to.equal(303);
      expect((await rowOf(reference)).state).to.equal("approved");
      expect((await analyst.get(`/recommandations/${reference}/modifier`)).status, "its words are kept now").to.equal(409);
      const found = await analyst.get("/recommandations?q=bilan+publie");
      expect(found.text).to.include(`>${reference}<`).and.include("1 affaire · 1 facteur").and.not.include("Projets</h2>");
    });

    it("that nobody wants are taken away, and their history stays", async () => {
      const answer = await analyst.post("/recommandations/nouvelle", { ...form(), text: "Une autre recommandation, abandonnée ensuite." });
      const dropped = answer.location!.split("/").at(-1)!;
      expect((await does(analyst, dropped, "supprimer")).location).to.equal("/recommandations");
      expect((await analyst.get(`/recommandations/${dropped}`)).status).to.equal(404);
      const { id } = await rowOf(dropped);
      const events = await app.database.db.selectFrom("recommendation_event").select("type").where("recommendation_id", "=", id).execute();
      expect(events).to.have.length(2);
    });
  });

  describe("dates", () => {
    it("that make no sense are refused next to their field: a deadline in the past, an answer due today, a dispatch to come", async () => {
      const { reference } = await recommendationRow(app.database.db, { report_id: built.id, written_by: built.analyst.id });
      for (const [change, words] of [
        [{ deadline: "2026-11-22" }, "Cette date doit être à venir."],
        [{ deadline: "2026-02-31" }, "adresser-deadline"],
        [{ deadline: "" }, "adresser-deadline"],
        [{ answerDue: "2026-11-23" }, "Cette date doit être à venir."],
        [{ answerDue: "2027-07-01" }, "La réponse est attendue avant l’échéance"],
        [{ onDate: "2026-11-24" }, "Cette date n’est pas encore venue."],
        [{ recipient: " " }, "Choisissez un contact ou nommez"],
        [{ channel: "link" }, "adresser-channel"],
      ] as const) {
        const answer = await does(head, reference, "adresser", { ...issue, ...change });
        expect(answer.status, JSON.stringify(change)).to.equal(422);
        const name = Object.keys(change)[0]!;
        expect(answer.text, JSON.stringify(change)).to.include(words).and.include(`href="#adresser-${name}"`);
        expect(answer.text, "what was typed is kept").to.include('value="RAR 12"');
      }
      expect((await rowOf(reference)).state).to.equal("approved");
    });

    it("of a receipt or of an answer follow those of the dispatch", async () => {
      const { reference } = await recommendationRow(app.database.db, { report_id: built.id, written_by: built.analyst.id });
      expect((await does(head, reference, "adresser", issue)).status).to.equal(303);
      const early = await does(head, reference, "reception", { onDate: "2026-11-19", channel: "registered_letter" });
      expect(early.text).to.include("La réception ne peut pas précéder l’envoi.");
      const answer = { said: "accepted", text: "Oui.", answeredOn: "2026-11-24", plannedFor: "", respondent: "La directrice" };
      expect((await does(head, reference, "reponses", answer)).text).to.include("Cette date n’est pas encore venue.");
      const before = { ...answer, answeredOn: "2026-11-22", plannedFor: "2026-11-21" };
      expect((await does(head, reference, "reponses", before)).text).to.include(
        "La mise en œuvre ne peut pas être prévue avant la réponse.",
      );
    });

    it("are changed with a reason, ahead, and only if one is another", async () => {
      const reference = await issued();
      const same = { deadline: "2027-06-30", answerDue: "2026-11-01", reason: "Rien" };
      expect((await does(head, reference, "echeances", same)).text).to.include("Aucune des deux dates n’est changée.");
      expect((await does(head, reference, "echeances", { ...same, deadline: "2026-11-01" })).status).to.equal(422);
      expect((await does(head, reference, "echeances", { ...same, answerDue: "2027-02-01", reason: "" })).status).to.equal(422);
      expect((await does(head, reference, "echeances", { ...same, answerDue: "2027-02-01", reason: "Un délai demandé" })).status).to.equal(
        303,
      );
      expect(await rowOf(reference)).to.include({ deadline: "2027-06-30", answer_due: "2027-02-01" });
      const page = await analyst.get(`/recommandations/${reference}`);
      expect(page.text)
        .to.include("Échéances changées")
        .and.include("Un délai demandé")
        .and.include("réponse attendue pour le 1er février 2027");
    });
  });

  describe("files", () => {
    const bytes = (text: string) => new TextEncoder().encode(text);

    it("that prove a dispatch pass the checks of intake, wait while the form comes back, and are read by those who read the register", async () => {
      const { reference } = await recommendationRow(app.database.db, { report_id: built.id, written_by: built.analyst.id });
      const version = await versionOf(reference);
      const at = `/recommandations/${reference}/adresser`;
      const bad = await head.upload(at, { version, ...issue }, [{ field: "proof", name: "avis.pdf", bytes: bytes("pas un PDF") }]);
      expect(bad.status).to.equal(422);
      expect(bad.text).to.include("avis.pdf").and.include("adresser-proof");
      const back = await head.upload(at, { version, ...issue, deadline: "2020-01-01" }, [
        { field: "proof", name: "avis.txt", bytes: bytes("Avis de dépôt numéro 12") },
      ]);
      expect(back.status).to.equal(422);
      const staged = /name="staged" value="([^"]+)"/.exec(back.text)![1]!;
      expect(back.text).to.include("avis.txt");
      expect((await head.post(at, { version, ...issue, staged })).status).to.equal(303);
      const href = new RegExp(`/recommandations/${reference}/pieces/[\\w-]+`).exec(
        (await analyst.get(`/recommandations/${reference}`)).text,
      )![0];
      const file = await analyst.get(href);
      expect(file.text).to.equal("Avis de dépôt numéro 12");
      expect(file.headers.get("content-disposition")).to.include("attachment");
      expect((await (await visitorWith(app, "correspondent")).get(href)).status).to.equal(403);
      expect((await analyst.get(href.replace(reference, await issued()))).status, "of another recommendation").to.equal(404);
      const audited = await app.database.db.selectFrom("audit").select("action").where("object_id", "=", reference).execute();
      expect(audited.map(({ action }) => action)).to.include.members(["recommendation.adresser", "recommendation.file-downloaded"]);
      expect(await app.database.db.selectFrom("staged_document").select("id").execute()).to.deep.equal([]);
    });

    it("of an answer are several, and one too many is refused", async () => {
      const reference = await issued();
      const answer = {
        version: await versionOf(reference),
        said: "partly_accepted",
        text: "En partie.",
        answeredOn: "2026-11-20",
        plannedFor: "2027-03-01",
        respondent: "Le préfet",
      };
      const files = (count: number) =>
        Array.from({ length: count }, (_, n) => ({
          field: "proof",
          name: `piece-${n}.txt`,
          bytes: bytes(`Pièce numéro ${n}, tapée pour l’essai`),
        }));
      const many = await head.upload(`/recommandations/${reference}/reponses`, answer, files(6));
      expect(many.text).to.include("Joignez au plus 5 pièces.");
      expect((await head.upload(`/recommandations/${reference}/reponses`, answer, files(2))).status).to.equal(303);
      const { text } = await analyst.get(`/recommandations/${reference}`);
      expect(text)
        .to.include("piece-0.txt")
        .and.include("piece-1.txt")
        .and.include("Acceptée en partie")
        .and.include("mise en œuvre prévue pour le 1er mars 2027");
      expect((await rowOf(reference)).state).to.equal("answered");
    });
  });

  it("goes from its issue to its closing and back, what is said and what is found side by side", async () => {
    const { reference } = await recommendationRow(app.database.db, { report_id: built.id, written_by: built.analyst.id });
    const steps: [string, Record<string, string>, string][] = [
      ["adresser", issue, "issued"],
      ["reception", { onDate: "2026-11-21", channel: "registered_letter", proofReference: "AR 12" }, "issued"],
      ["relancer", { onDate: "2026-11-22", channel: "email", recipient: "Direction centrale" }, "issued"],
      [
        "reponses",
        { said: "already_in_place", text: "C’est déjà fait.", answeredOn: "2026-11-22", plannedFor: "", respondent: "Le directeur" },
        "answered",
      ],
      ["accuser-reception", {}, "answered"],
      ["apprecier-reponse", { value: "unacceptable", comment: "Rien ne le montre." }, "assessed"],
      ["apprecier-mise-en-oeuvre", { value: "in_progress", comment: "Un début.", onDate: "2026-11-22" }, "assessed"],
    ];
    for (const [slug, fields, state] of steps) {
      expect((await does(head, reference, slug, fields)).status, slug).to.equal(303);
      expect((await rowOf(reference)).state, slug).to.equal(state);
    }
    expect((await does(head, reference, "clore", { reason: "Fini" })).text, "not while it is in progress").to.include(
      "la mise en œuvre est encore en cours",
    );
    await does(head, reference, "apprecier-mise-en-oeuvre", { value: "fully", comment: "Vu sur place.", onDate: "2026-11-23" });
    expect((await does(head, reference, "clore", { reason: "Tout est fait" })).status).to.equal(303);
    const closed = await analyst.get(`/recommandations/${reference}`);
    expect(closed.text).to.include("Déjà en place").and.include("Réponse non satisfaisante").and.include("Totalement mise en œuvre");
    const line = (await analyst.get(`/recommandations?q=${reference}`)).text;
    expect(line)
      .to.match(/register__said"[^>]*>.*Déjà en place/)
      .and.to.match(/register__found"[^>]*>.*Réponse non satisfaisante.*Totalement mise en œuvre/);

    const again = { reason: "Le facteur revient", deadline: "2027-09-30", answerDue: "2027-01-31" };
    expect((await does(head, reference, "rouvrir", { ...again, answerDue: "2026-11-23" })).status).to.equal(422);
    expect((await does(head, reference, "rouvrir", again)).status).to.equal(303);
    expect(await rowOf(reference)).to.include({
      state: "issued",
      assessment: null,
      implementation: null,
      closed_at: null,
      answer_due: "2027-01-31",
    });
    const reopened = await analyst.get(`/recommandations/${reference}`);
    expect(reopened.text).to.include("Pas encore de réponse depuis la réouverture.").and.include("C’est déjà fait.");
    const { assessments } = await app.database.db
      .selectFrom("recommendation_assessment")
      .select((e) => e.fn.countAll<number>().as("assessments"))
      .where("recommendation_id", "=", (await rowOf(reference)).id)
      .executeTakeFirstOrThrow();
    expect(Number(assessments), "what was found before stays").to.equal(3);
  });

  it("finds no answer only once the day has passed", async () => {
    const late = await issued();
    const inTime = await issued({ answer_due: "2026-11-23" });
    expect((await does(head, inTime, "absence-de-reponse", { comment: "Rien" })).text).to.include(
      "une réponse est attendue jusqu’au 23 novembre 2026",
    );
    expect((await does(head, late, "absence-de-reponse", { comment: "Rien n’est venu" })).status).to.equal(303);
    expect(await rowOf(late)).to.include({ state: "assessed", assessment: "no_answer" });
    expect((await analyst.get("/recommandations?appreciation=no_answer")).text).to.include(`>${late}<`);
  });

  it("is overdue from the day after, on its page and in the register's filter", async () => {
    const late = await issued({ deadline: "2026-11-22", answer_due: "2026-11-22" });
    const today = await issued({ deadline: "2026-11-23", answer_due: "2026-11-23" });
    const page = await analyst.get(`/recommandations/${late}`);
    expect(page.text).to.include("Réponse en retard").and.include("Mise en œuvre en retard");
    for (const code of ["oui", "reponse", "mise-en-oeuvre"]) {
      const list = await analyst.get(`/recommandations?retard=${code}`);
      expect(list.text, code).to.include(`>${late}<`).and.not.include(`>${today}<`);
    }
  });

  describe("a withdrawn finding behind an issued recommendation", () => {
    const questioned = async () => {
      const finding = await crossFindingRow(app.database.db, { written_by: built.analyst.id, state: "withdrawn" }, [built.id]);
      const reference = await issued({ report_id: null, number: null, evidence_question_at: "2026-11-10T09:00:00.000Z" });
      await app.database.db
        .insertInto("recommendation_cross_finding")
        .values({ recommendation_id: (await rowOf(reference)).id, cross_finding_id: finding.id })
        .execute();
      return { reference, finding: finding.reference };
    };

    it("is named on its page, which asks for a decision", async () => {
      const { reference, finding } = await questioned();
      const { text } = await head.get(`/recommandations/${reference}`);
      expect(text).to.include("Une décision est attendue").and.include("Depuis le 10 novembre 2026");
      const panel = /<section class="callout callout--danger"[\s\S]*?<\/section>/.exec(text)![0];
      expect(panel).to.include(finding).and.include("retiré").and.include("/maintenir").and.include("/retirer");
      expect((await analyst.get("/recommandations?preuve=oui")).text)
        .to.include(`>${reference}<`)
        .and.include("Constat mis en question");
      const seen = /<section class="callout callout--danger"[\s\S]*?<\/section>/.exec(
        (await analyst.get(`/recommandations/${reference}`)).text,
      )![0];
      expect(seen, "an analyst is told, and does not decide").to.include(finding).and.not.include("<form");
    });

    it("is maintained with a reason, or withdrawn; then nothing is asked any more", async () => {
      const { reference } = await questioned();
      expect((await does(head, reference, "maintenir", { reason: " " })).status).to.equal(422);
      expect((await does(head, reference, "maintenir", { reason: "D’autres constats la fondent" })).status).to.equal(303);
      expect((await rowOf(reference)).evidence_question_at).to.equal(null);
      expect((await head.get(`/recommandations/${reference}`)).text).not.to.include("Une décision est attendue");
      const other = (await questioned()).reference;
      expect((await does(head, other, "retirer", { reason: "Plus rien ne la fonde" })).status).to.equal(303);
      expect((await rowOf(other)).state).to.equal("withdrawn");
    });

    it("keeps an approved one from being issued until it is decided", async () => {
      const { reference } = await recommendationRow(app.database.db, {
        report_id: built.id,
        written_by: built.analyst.id,
        evidence_question_at: "2026-11-10T09:00:00.000Z",
      });
      const refused = await does(head, reference, "adresser", issue);
      expect(refused.status).to.equal(409);
      expect(refused.text).to.include("décidez d’abord de la maintenir ou de la retirer");
    });
  });

  describe("ties", () => {
    it("are made from the suggestions of near duplicates, shown on both pages with what they rest on together, and refused in words", async () => {
      const common = { report_id: built.id, written_by: built.analyst.id };
      const one = await recommendationRow(app.database.db, {
        ...common,
        text: "Équiper chaque brigade d’un registre unique des interventions répétées.",
      });
      const other = await recommendationRow(app.database.db, {
        ...common,
        text: "Doter les brigades d’un registre unique pour les interventions qui se répètent.",
      });
      const page = await analyst.get(`/recommandations/${one.reference}`);
      expect(page.text)
        .to.include("Textes proches")
        .and.include(other.reference)
        .and.match(/Ressemblance de \d+\u00a0%\u00a0: [^<]*registre/);
      expect((await does(analyst, one.reference, "rapprocher", { kind: "same_as", target: other.reference })).status).to.equal(303);
      for (const reference of [one.reference, other.reference]) {
        const { text } = await analyst.get(`/recommandations/${reference}`);
        expect(text, reference)
          .to.include("La même, d’une affaire ou d’une année à l’autre")
          .and.include("représente le groupe")
          .and.include("Ensemble, elles reposent sur");
      }
      const list = await analyst.get("/recommandations?q=registre+unique&groupe=oui");
      expect(list.text).to.include(`>${other.reference}<`).and.include("groupe de 2");
      expect(list.text).not.to.include(`>${one.reference}<`);
      const ring = await does(analyst, other.reference, "rapprocher", { kind: "part_of", target: one.reference });
      expect(ring.status).to.equal(422);
      expect(ring.text).to.include(`${one.reference} → ${other.reference}`).and.include(`value="${one.reference}"`);
      const itself = await does(analyst, other.reference, "rapprocher", { kind: "part_of", target: other.reference });
      expect(itself.text).to.include("Une recommandation ne se rapproche pas d’elle-même.");
      const unknown = await does(analyst, other.reference, "rapprocher", { kind: "part_of", target: "REC-1999-0001" });
      expect(unknown.text).to.include("Aucune recommandation du registre n’a cette référence.");
      expect((await does(analyst, one.reference, "defaire", { kind: "same_as" })).status).to.equal(303);
      expect((await analyst.get(`/recommandations/${one.reference}`)).text)
        .to.include("Elle n’est liée à aucune autre.")
        .and.include("Lien défait – la même que");
    });
  });
});
