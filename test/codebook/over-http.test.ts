import { expect } from "chai";
import { writeCodebookCsv } from "../../server/codebook/csv.ts";
import { findDraft } from "../../server/codebook/drafts.ts";
import { digestOf, readCodebookText } from "../../server/codebook/read-file.ts";
import { codebookVersion, currentCodebook } from "../../server/codebook/store.ts";
import { writeCodebook } from "../../server/codebook/yaml.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { publishVersion } from "../support/codebooks.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";

type Someone = Awaited<ReturnType<typeof visitorWith>>;
const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, " ");

/** What a form of a factor sends when nothing is touched: read from the page. */
function formOf(html: string, action: string): Record<string, string | string[]> {
  const at = html.indexOf(`action="${action}"`);
  const form = html.slice(at, html.indexOf("</form>", at));
  const fields: Record<string, string[]> = {};
  const plain = (text: string) =>
    text.replace(/&#39;/g, "'").replace(/&#34;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const put = (name: string, value: string) => {
    fields[name] = [...(fields[name] ?? []), plain(value)];
  };
  for (const [, tag, attributes, inner] of form.matchAll(/<(input|select|textarea)\b([^>]*)>(?:([\s\S]*?)<\/\2>)?/g)) {
    const name = /name="([^"]+)"/.exec(attributes!)?.[1];
    if (!name || name === "_csrf") continue;
    if (tag === "textarea")
      put(
        name,
        form
          .slice(form.indexOf(`id="${/id="([^"]+)"/.exec(attributes!)![1]}"`))
          .replace(/^[^>]*>\n?/, "")
          .split("</textarea>")[0]!,
      );
    else if (tag === "select") {
      const body = form.slice(form.indexOf(`id="${/id="([^"]+)"/.exec(attributes!)![1]}"`)).split("</select>")[0]!;
      put(name, /<option value="([^"]*)" selected/.exec(body)?.[1] ?? /<option value="([^"]*)"/.exec(body)?.[1] ?? "");
    } else if (/type="(?:checkbox|radio)"/.test(attributes!)) {
      if (/ checked/.test(attributes!)) put(name, /value="([^"]*)"/.exec(attributes!)![1]!);
    } else put(name, /value="([^"]*)"/.exec(attributes!)?.[1] ?? "");
    void inner;
  }
  return fields;
}

describe("the codebook over HTTP", () => {
  let app: RunningApp;
  let administrator: Someone;
  let analyst: Someone;
  let coordinator: Someone;
  let report: BuiltReport;
  let first: string;
  let draft: string;

  const json = { accept: "application/json" };
  const opened = () => findDraft(app.database.db, draft.split("/").at(-1)!);

  before(async () => {
    app = await startApp();
    administrator = await visitorWith(app, "administrator");
    analyst = await visitorWith(app, "analyst");
    coordinator = await visitorWith(app, "coordinator");
    report = await reportIn(app.database, "received", { analyst: analyst.person, coordinator: coordinator.person });
    first = (await currentCodebook(app.database.db)).version;
  });
  after(() => app.close());

  it("gives a version as a file that gives the same version back", async () => {
    const digest = digestOf(await codebookVersion(app.database.db, first));
    for (const format of ["yaml", "csv"]) {
      const file = await analyst.get(`/grille/export.${format}?version=${first}`);
      expect(file.status).to.equal(200);
      expect(file.headers.get("content-disposition")).to.include(`grille-${first}.${format}`);
      const read = readCodebookText(file.text);
      expect(read.kind === "codebook" && digestOf(read.definition), format).to.equal(digest);
    }
    expect((await analyst.get("/grille/export.csv?version=8.8.8")).status).to.equal(404);
    expect((await (await visitorWith(app, "correspondent")).get("/grille/export.yaml")).status).to.equal(403);
  });

  it("has a page for each factor of a version, and none for others", async () => {
    const { factors } = await currentCodebook(app.database.db);
    const page = await analyst.get(`/grille/${factors[5]!.code}`);
    expect(page.status).to.equal(200);
    expect(page.text).to.include(factors[5]!.code).and.include("propositions");
    expect((await analyst.get("/grille/nimporte")).status).to.equal(404);
    expect((await analyst.get("/grille/tgd?version=8.8.8")).status).to.equal(404);
  });

  it("is drafted by administrators alone, who read no case", async () => {
    for (const visitor of [analyst, coordinator]) {
      expect((await visitor.get("/grille/brouillons")).status).to.equal(403);
      expect((await visitor.post("/grille/brouillons", { base: first, version: "1.1.0" })).status).to.equal(403);
    }
    for (const path of ["/grille/recodage", `/rapports/${report.id}/version`])
      expect((await administrator.get(path)).status, path).to.equal(403);
    const started = await administrator.post("/grille/brouillons", { base: first, version: "1.1.0" });
    expect(started.status).to.equal(303);
    draft = started.location!;
    expect((await administrator.get(draft)).status).to.equal(200);
    const wrong = await administrator.post("/grille/brouillons", { base: first, version: "0.1" });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.include('value="0.1"').and.include("trois nombres");
  });

  it("keeps a factor as its form says, and changes nothing when nothing was typed", async () => {
    const before = (await opened()).definition;
    for (const code of ["place_of_act", "tgd", "act_date", "department_code"]) {
      const action = `${draft}/facteurs/${code}`;
      const page = await administrator.get(action);
      const sent = await administrator.post(action, formOf(page.text, action));
      expect(sent.status, code).to.equal(303);
    }
    expect((await opened()).definition).to.deep.equal(before);
  });

  it("saves each change of a form by itself, tells what is wrong in place, and never writes over somebody else's change", async () => {
    const action = `${draft}/facteurs/place_of_act`;
    const fields = formOf((await administrator.get(action)).text, action);
    const change = {
      ...fields,
      definitionFr: "Lieu où l’acte a été commis, et rien d’autre.",
      excludeFr: "Le lieu de la découverte du corps.",
    };
    const saved = await administrator.post(action, change, json);
    expect(saved.status).to.equal(200);
    const { seen, at } = JSON.parse(saved.text) as { seen: string; at: string };
    expect(at).to.match(/\d/);
    const factor = (await opened()).definition.factors.find(({ code }) => code === "place_of_act")!;
    expect(factor.definitionFr).to.equal("Lieu où l'acte a été commis, et rien d'autre.");
    expect(factor.excludeFr).to.equal("Le lieu de la découverte du corps.");
    const stale = await administrator.post(action, { ...change, labelFr: "Autre" }, json);
    expect(stale.status).to.equal(409);
    const codes = fields.option_code as string[];
    const doubled = await administrator.post(
      action,
      { ...change, seen, option_code: codes.map((one, at_) => (at_ === 1 ? codes[0]! : one)) },
      json,
    );
    expect(doubled.status).to.equal(422);
    expect((JSON.parse(doubled.text) as { problems: Record<string, string> }).problems.options).to.include("déjà employé");
    const drawn = await administrator.post(action, {
      ...change,
      seen,
      option_code: codes.map((one, at_) => (at_ === 1 ? "Pas bon" : one)),
    });
    expect(drawn.status).to.equal(422);
    expect(drawn.text).to.include('value="Pas bon"').and.include("minuscules");
    // A new code for an answer, an answer taken out, one added, another order.
    const next = {
      ...change,
      seen,
      option_code: codes
        .map((one) => (one === "victim_home" ? "home_of_victim" : one === "workplace" ? "" : one === "" ? "" : one))
        .with(-1, "boat"),
      option_label_fr: (fields.option_label_fr as string[]).map((one, n) => (codes[n] === "workplace" ? "" : one)).with(-1, "Bateau"),
      option_label_en: (fields.option_label_en as string[]).with(-1, "Boat"),
      option_position: (fields.option_position as string[]).with(-1, "0,5"),
    };
    expect((await administrator.post(action, next, json)).status).to.equal(200);
    const options = (await opened()).definition.factors.find(({ code }) => code === "place_of_act")!.options.map(({ code }) => code);
    expect(options[0]).to.equal("boat");
    expect(options).to.include("home_of_victim").and.not.include("victim_home").and.not.include("workplace");
  });

  it("adds, splits, merges, retires and puts back in forms; what is missing is listed with links until nothing is", async () => {
    const added = { code: "new_signal", labelFr: "Nouveau signe", labelEn: "", section: "victim", type: "presence", appliesTo: "victim" };
    expect((await administrator.post(`${draft}/facteurs`, { ...added, code: "tgd" })).status).to.equal(422);
    expect((await administrator.post(`${draft}/facteurs`, added)).location).to.equal(`${draft}/facteurs/new_signal`);
    const page = await administrator.get(draft);
    expect(page.text).to.include(`href="${draft}/facteurs/new_signal"`).and.include("label_en");
    const action = `${draft}/facteurs/new_signal`;
    const fields = formOf((await administrator.get(action)).text, action);
    expect(
      (await administrator.post(action, { ...fields, labelEn: "New sign", definitionFr: "Présent si un passage le dit." })).status,
    ).to.equal(303);
    const split = {
      note: "Deux sources",
      part_code: ["fear_told", "fear_shown", ""],
      part_label_fr: ["Peur dite", "Peur montrée", ""],
      part_label_en: ["Fear told", "Fear shown", ""],
    };
    expect(
      (
        await administrator.post(`${draft}/facteurs/victim_fear/diviser`, {
          ...split,
          part_code: ["fear_told", "", ""],
          part_label_fr: ["Peur dite", "", ""],
        })
      ).status,
    ).to.equal(422);
    expect((await administrator.post(`${draft}/facteurs/victim_fear/diviser`, split)).location).to.equal(`${draft}/facteurs/fear_told`);
    const merge = {
      merged: ["signal_not_transmitted", "risk_assessment_gap", ""],
      code: "signal_not_transmitted",
      labelFr: "",
      labelEn: "",
      note: "Même manquement",
    };
    expect((await administrator.post(`${draft}/fusionner`, { ...merge, merged: ["signal_not_transmitted", "", ""] })).status).to.equal(422);
    expect((await administrator.post(`${draft}/fusionner`, merge)).status).to.equal(303);
    expect((await administrator.post(`${draft}/facteurs/overkill/retirer`, { note: "" })).status).to.equal(303);
    expect((await administrator.get(`${draft}/facteurs/overkill`)).status).to.equal(404);
    expect((await administrator.post(`${draft}/facteurs/overkill/retablir`, {})).status).to.equal(303);
    expect((await administrator.post(`${draft}/facteurs/overkill/retirer`, { note: "Trop rare" })).status).to.equal(303);
    const sections = formOf((await administrator.get(`${draft}/sections`)).text, `${draft}/sections`);
    const codes = sections.section_code as string[];
    const gone = {
      ...sections,
      section_code: codes.map((one) => (one === "victim" ? "" : one)),
      section_was: (sections.section_was as string[]).map((one) => one),
    };
    const refused = await administrator.post(`${draft}/sections`, gone);
    expect(refused.status).to.equal(422);
    expect(refused.text).to.include("contient encore des facteurs");
    expect(
      (
        await administrator.post(`${draft}/sections`, {
          ...sections,
          section_label_fr: (sections.section_label_fr as string[]).with(0, "Circonstances"),
        })
      ).status,
    ).to.equal(303);
    const ready = textOf((await administrator.get(draft)).text);
    expect(ready).to.include("La grille est complète et cohérente").and.include("correspondances restent à confirmer");
    expect((await administrator.post(`${draft}/publier`, { version: "1.1.0", note: "Essai" })).status).to.equal(422);
  });

  it("shows what changes word by word, and what it asks of reports in numbers only", async () => {
    const page = await administrator.get(`${draft}/differences`);
    expect(page.status).to.equal(200);
    expect(page.text).to.include("<ins>").and.include("<del>");
    const said = textOf(page.text);
    for (const word of ["Peur dite", "divisé", "fusionné", "retiré", "ajouté", "Bateau", "Un rapport est codé selon la version"])
      expect(said).to.include(word);
    expect(page.text).not.to.include(report.id).and.not.to.include("/rapports?etat");
    const both = await visitorWith(app, "administrator", "coordinator");
    expect((await both.get(`${draft}/differences`)).text).to.include("/rapports?etat=received");
  });

  it("is told what becomes of values, factor by factor, then published with a note", async () => {
    const page = `${draft}/correspondances`;
    const asked = async () =>
      [...(await administrator.get(page)).text.matchAll(/action="([^"]+\/correspondances\/[^"]+)"/g)].map(([, action]) => action!);
    const actions = await asked();
    expect(actions.map((one) => one.split("/").at(-1)).sort()).to.deep.equal([
      "overkill",
      "place_of_act",
      "risk_assessment_gap",
      "signal_not_transmitted",
      "victim_fear",
    ]);
    for (const action of actions) {
      const fields = formOf((await administrator.get(page)).text, action);
      expect(
        (await administrator.post(action, { ...fields, value_becomes: "nimporte" })).status,
        `${action} with a value that is none`,
      ).to.be.oneOf([303, 422]);
      const current = formOf((await administrator.get(page)).text, action);
      expect((await administrator.post(action, current)).status, action).to.equal(303);
    }
    expect(textOf((await administrator.get(draft)).text)).not.to.include("restent à confirmer");
    const stale = await administrator.post(`${draft}/publier`, { version: "1.0.0", note: "Essai" });
    expect(stale.status).to.equal(422);
    expect((await administrator.post(`${draft}/publier`, { version: "1.1.0", note: "" })).status).to.equal(422);
    const done = await administrator.post(`${draft}/publier`, { version: "1.1.0", note: "Peur dite et peur montrée sont distinguées." });
    expect(done.location).to.equal("/grille/versions/1.1.0");
    const told = textOf((await analyst.get("/grille/versions/1.1.0")).text);
    expect(told).to.include("Peur dite et peur montrée sont distinguées.").and.include("(home_of_victim)");
    const list = textOf((await analyst.get("/grille")).text);
    expect(list).to.include("Version 1.1.0").and.include("Peur dite et peur montrée sont distinguées.");
    expect((await analyst.get(`/grille?version=${first}`)).text).to.include("La version en vigueur est la 1.1.0");
    expect((await analyst.get(`/grille/versions/${first}`)).status).to.equal(404);
    expect(
      (await administrator.post(`${draft}/entete`, { seen: "", titleFr: "X", titleEn: "X", unitOfAnalysisFr: "X", noteFr: "" })).status,
    ).to.equal(409);
    expect(textOf((await analyst.get("/grille/fear_told")).text)).to.include("division");
    const fresh = await reportIn(app.database, "coded");
    expect((await analyst.get(`/rapports/${fresh.id}`)).text).to.include("1.1.0");
  });

  it("lets a report pass by its page, once", async () => {
    const path = `/rapports/${report.id}/version`;
    expect((await analyst.get("/grille/recodage")).text).to.include(report.id);
    const stranger = await visitorWith(app, "analyst");
    expect(textOf((await stranger.get(path)).text)).to.include("L’acte revient à l’analyste du rapport");
    const form = formOf((await coordinator.get(path)).text, path);
    expect(form.to).to.deep.equal(["1.1.0"]);
    expect((await stranger.post(path, form)).status).to.equal(409);
    expect((await coordinator.post(path, { ...form, version: "99" })).status).to.equal(409);
    const excuse = await coordinator.post(`${path}/dispense`, { to: "1.1.0", reason: "Affaire ancienne" });
    expect(excuse.status).to.equal(303);
    expect((await coordinator.get(path)).text).to.include("Affaire ancienne");
    expect((await analyst.post(`${path}/dispense`, { to: "1.1.0", reason: "x" })).status).to.equal(403);
    expect((await coordinator.post(`${path}/reprise`, { to: "1.1.0" })).status).to.equal(303);
    expect((await coordinator.post(path, form)).status).to.equal(303);
    expect((await coordinator.get(path)).text).to.include("selon la version en vigueur");
    expect((await coordinator.post(path, form)).status).to.equal(409);
    expect(textOf((await coordinator.get("/grille/recodage")).text)).to.include("1 sur 1");
    expect((await coordinator.get(`/rapports/${report.id}/codage`)).status).to.be.oneOf([200, 303]);
  });

  it("keeps every page standing when reports of two versions live side by side", async () => {
    const everybody = await visitorWith(app, "analyst", "reviewer", "coordinator");
    const old = await reportIn(app.database, "coded");
    const published = await reportIn(app.database, "published");
    await publishVersion(
      app.database,
      "2.0.0",
      administrator.person,
      (one) => {
        // Taken out: a factor that is crossed, one that findings rest on, a section of violence, a list that recommendations use.
        const gone = ["complaint_filed", "good_practice", "prior_violence_direction"];
        one.definition.factors = one.definition.factors.filter(({ code }) => !gone.includes(code));
        one.definition.recommendation.addressees = one.definition.recommendation.addressees.filter(({ code }) => code !== "gendarmerie");
        one.definition.factors.find(({ code }) => code === "physical_violence")!.type = "number";
      },
      new Date(Date.parse("2030-01-01")).toISOString(),
    );
    for (const path of [
      "/",
      "/rapports",
      `/rapports/${old.id}`,
      `/rapports/${old.id}/codage`,
      `/rapports/${old.id}/constats`,
      `/rapports/${old.id}/version`,
      `/rapports/${published.id}`,
      `/rapports/${published.id}/relecture`,
      `/rapports/${published.id}/editions/1`,
      "/observatoire",
      "/observatoire/facteurs/physical_violence",
      "/recommandations",
      "/recommandations/REC-2026-0001",
      "/recommandations/export.csv",
      "/bonnes-pratiques",
      "/redaction",
      "/grille",
      "/grille?version=1.1.0",
      "/grille/recodage",
      "/grille/recodage?version=1.1.0&etat=done",
    ])
      expect((await everybody.get(path)).status, path).to.equal(200);
    const figures = (await everybody.get("/observatoire")).text;
    expect(figures, "values of another kind").not.to.include("NaN");
    expect(figures).to.include("publié selon une autre version de la grille");
    const letter = await everybody.post("/redaction", { year: "2024", language: "fr", title: "" });
    expect(letter.status).to.equal(303);
    expect((await everybody.get(letter.location!)).status).to.equal(200);
  });

  it("reads a file into a draft, or says line by line why not and keeps the text", async () => {
    const current = await currentCodebook(app.database.db);
    const { yaml } = writeCodebook({ ...current, version: "3.0.0", titleEn: "Another codebook" });
    const drafts = async () => (await app.database.db.selectFrom("codebook_draft").select("id").execute()).length;
    const before = await drafts();
    const upload = (text: string | Uint8Array, name = "grille.yaml") =>
      administrator.upload("/grille/brouillons/importer", {}, [
        { field: "file", name, bytes: typeof text === "string" ? new TextEncoder().encode(text) : text },
      ]);
    const spoilt = yaml.replace("type: presence", "type: presense");
    const wrong = await upload(spoilt);
    expect(wrong.status).to.equal(422);
    const line = spoilt.split("\n").findIndex((one) => one.includes("presense")) + 1;
    expect(textOf(wrong.text)).to.include(`Ligne ${line} `).and.include("presense");
    expect(wrong.text, "the text to correct").to.include("type: presense");
    const known = await upload(writeCodebook(current).yaml);
    expect(known.status).to.equal(422);
    expect(known.text).to.include("déjà publiée");
    for (const bytes of [new Uint8Array([0, 1, 2, 3]), new Uint8Array(1_200_000).fill(97), new Uint8Array()])
      expect((await upload(bytes)).status).to.equal(422);
    expect((await administrator.post("/grille/brouillons/importer", { source: "" })).status).to.equal(422);
    expect(await drafts()).to.equal(before);
    const pasted = await administrator.post("/grille/brouillons/importer", { source: yaml });
    expect(pasted.status).to.equal(303);
    const csv = await upload(writeCodebookCsv({ ...current, version: "3.0.0", titleEn: "Another codebook" }), "grille.csv");
    expect(csv.status).to.equal(303);
    const made = await Promise.all([pasted, csv].map(({ location }) => findDraft(app.database.db, location!.split("/").at(-1)!)));
    expect(made.map(({ version }) => version)).to.deep.equal(["3.0.0", "3.0.0"]);
    expect(made[0]!.definition).to.deep.equal(made[1]!.definition);
    for (const format of ["yaml", "csv"]) {
      const file = await administrator.get(`${pasted.location}/export.${format}`);
      const read = readCodebookText(file.text);
      expect(read.kind === "codebook" && read.definition.titleEn).to.equal("Another codebook");
    }
    const over = await administrator.upload(`${csv.location}/remplacer`, {}, [
      { field: "file", name: "grille.yaml", bytes: new TextEncoder().encode(yaml.replace("Another codebook", "One more")) },
    ]);
    expect(over.status).to.equal(303);
    expect((await administrator.get(csv.location!)).text).to.include("One more");
    expect((await administrator.post(`${csv.location}/abandonner`)).status).to.equal(303);
    expect(
      (
        await administrator.post(`${csv.location}/facteurs`, {
          code: "x",
          labelFr: "X",
          labelEn: "X",
          section: "victim",
          type: "presence",
          appliesTo: "case",
        })
      ).status,
    ).to.equal(409);
  });

  it("is discussed beside its factors: proposed by analysts, commented by all who read it, decided by administrators", async () => {
    const given = {
      version: first,
      factor: "tgd",
      from: "entry",
      title: "Préciser « requested »",
      body: "La limite avec « refused » n’est pas claire.",
    };
    expect((await administrator.post("/grille/propositions", given)).status).to.equal(403);
    const empty = await analyst.post("/grille/propositions", { ...given, title: "" });
    expect(empty.status).to.equal(422);
    expect(empty.text).to.include("La limite avec « refused »");
    expect((await analyst.post("/grille/propositions", { ...given, factor: "nimporte" })).status).to.equal(422);
    expect(textOf((await analyst.get("/grille/tgd")).text)).to.include("n’écrivez rien d’un cas");
    const made = await analyst.post("/grille/propositions", given);
    expect(made.status).to.equal(303);
    const path = made.location!;
    expect((await analyst.get("/grille/tgd")).text).to.include("Préciser « requested »");
    expect((await analyst.get("/grille")).text).to.include("/grille/tgd#propositions");
    const said = await administrator.post(`${path}/avis`, { parent: "", body: "Quelle formulation ?" });
    expect(said.status).to.equal(303);
    const parent = said.location!.split("#")[1]!;
    expect((await coordinator.post(`${path}/avis`, { parent, body: "Celle de la circulaire." })).status).to.equal(303);
    expect((await coordinator.post(`${path}/avis`, { parent: "inconnu", body: "x" })).status).to.equal(422);
    expect((await coordinator.post(`${path}/avis`, { parent, body: "" })).status).to.equal(422);
    const thread = (await analyst.get(path)).text;
    expect(thread.indexOf("Quelle formulation")).to.be.lessThan(thread.indexOf("Celle de la circulaire"));
    expect(thread).to.include("comment--1");
    expect((await analyst.post(`${path}/decision`, { decision: "accepted", reason: "", draft: "" })).status).to.equal(403);
    expect((await administrator.post(`${path}/decision`, { decision: "declined", reason: "", draft: "" })).status).to.equal(422);
    expect((await administrator.post(`${path}/decision`, { decision: "accepted", reason: "", draft: "inconnu" })).status).to.equal(422);
    expect(
      (await administrator.post(`${path}/decision`, { decision: "declined", reason: "Déjà dit dans la définition", draft: "" })).status,
    ).to.equal(303);
    expect((await analyst.get(path)).text).to.include("Déjà dit dans la définition");
    expect((await coordinator.post(`${path}/avis`, { parent: "", body: "Trop tard" })).status).to.equal(409);
    expect((await analyst.get("/grille/propositions?etat=declined")).text).to.include("Préciser");
    expect((await analyst.get("/grille/propositions?etat=open")).text).not.to.include("Préciser");
    expect((await (await visitorWith(app, "correspondent")).get(path)).status).to.equal(403);
  });

  it("tells nobody of a blind layer: neither what it holds nor how much of it would be carried over", async () => {
    const { db } = app.database;
    const [one, other] = [analyst, await visitorWith(app, "analyst")];
    const blind = await reportIn(app.database, "received", { analyst: one.person, coordinator: coordinator.person });
    await db
      .updateTable("report")
      .set({ coding_mode: "blind", counted_layer: 3, codebook_version: first })
      .where("id", "=", blind.id)
      .execute();
    const at = app.context.clock().toISOString();
    for (const [layer, who] of [
      [1, one],
      [2, other],
    ] as const) {
      await db
        .insertInto("assignment")
        .values({
          id: `${blind.id}-${layer}`,
          report_id: blind.id,
          analyst_id: who.person.id,
          layer,
          assigned_by: coordinator.person.id,
          assigned_at: at,
        })
        .execute();
      await db
        .insertInto("coding")
        .values({
          id: `${blind.id}-${layer}`,
          report_id: blind.id,
          layer,
          codebook_version: first,
          factor: layer === 1 ? "overkill" : "complaint_filed",
          subject: layer === 1 ? "case" : blind.victim,
          person_id: layer === 1 ? null : blind.victim,
          value: "unknown",
          version: 1,
          coded_by: who.person.id,
          coded_at: at,
        })
        .execute();
    }
    const path = `/rapports/${blind.id}/version`;
    const pages = async () => Promise.all([one, other, coordinator].map(async (visitor) => textOf((await visitor.get(path)).text)));
    const [mine, theirs, nobody] = await pages();
    expect(mine).to.include("Acharnement").and.not.include("Plainte");
    expect(theirs).to.include("Plainte").and.not.include("Acharnement");
    expect(nobody).to.not.include("Plainte").and.not.include("Acharnement");
    const form = formOf((await one.get(path)).text, path);
    expect((await one.post(path, form)).status).to.equal(303);
    const [mineAfter, theirsAfter, nobodyAfter] = await pages();
    expect(mineAfter).to.include("Acharnement").and.not.include("Plainte");
    expect(theirsAfter).to.include("Plainte").and.not.include("Acharnement");
    expect(nobodyAfter).to.not.include("Plainte").and.not.include("Acharnement");
  });
});
