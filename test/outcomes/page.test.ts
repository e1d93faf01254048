import { expect } from "chai";
import { EXPORTS } from "../../server/outcomes/export.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { SEVEN, type Told, tell } from "./support.ts";

const MORE: readonly Told[] = [
  { reference: "REC-2026-0011", state: "issued", addressee: "associations", level: "local", issued_at: "2026-05-01T09:00:00.000Z" },
  {
    reference: "REC-2026-0012",
    state: "issued",
    addressee: "associations",
    issued_at: "2026-05-02T09:00:00.000Z",
    answer_due: "2026-11-23",
    sameAs: "REC-2026-0011",
  },
];

/** Every number of a page that is a link to the register. */
const numbersIn = (html: string) =>
  [...html.matchAll(/<a href="(\/recommandations\?[^"]+)" aria-label="([^"]+)">([\d\s]+)<\/a>/gu)].map(([, href, label, n]) => ({
    href: href!.replaceAll("&amp;", "&").replaceAll("&#38;", "&"),
    label: label!,
    n: Number(n!.replace(/\s/gu, "")),
  }));
/** How many recommendations the register says it shows. */
function shownBy(html: string): number {
  const [, n] = /<strong>(Une|[\d\s]+)\srecommandations?<\/strong>/u.exec(html) ?? [];
  if (n === undefined) throw new Error("The register does not say how many it shows.");
  return n === "Une" ? 1 : Number(n.replace(/\s/gu, ""));
}

describe("the follow-up page", function () {
  this.timeout(120_000);
  let app: RunningApp;
  let coordinator: Awaited<ReturnType<typeof visitorWith>>;
  before(async () => {
    app = await startApp();
    coordinator = await visitorWith(app, "coordinator");
    await tell(app.database.db, coordinator.person.id, [...SEVEN, ...MORE]);
  });
  after(() => app.close());

  for (const query of [
    "",
    "?semblables=une",
    "?du=2026&au=2026",
    "?du=2025",
    "?au=2025&theme=training",
    "?destinataire=police&niveau=national&semblables=une",
  ])
    it(`leads from each number to exactly as many recommendations: ${query || "all of them"}`, async () => {
      const { status, text } = await coordinator.get(`/recommandations/suivi${query}`);
      expect(status).to.equal(200);
      const numbers = numbersIn(text);
      expect(numbers.length).to.be.greaterThan(20);
      const seen = new Map<string, number>();
      for (const { href, label, n } of numbers) {
        if (!seen.has(href)) seen.set(href, shownBy((await coordinator.get(href)).text));
        expect(seen.get(href), `${label}: ${href}`).to.equal(n);
      }
    });

  it("says of each rate what it is out of, and gives both medians with what they rest on", async () => {
    const { text } = await coordinator.get("/recommandations/suivi?au=2026&destinataire=police");
    const words = text
      .replace(/<svg[\s\S]*?<\/svg>/gu, "")
      .replace(/<[^>]+>/gu, " ")
      .replace(/\s+/gu, " ");
    expect(words).to.include("Recommandations adressées jusqu’en 2026 · Police nationale");
    expect(words).to.include("2 répondues, date passée sur 3 dont la date de réponse est passée (66,7 %)");
    expect(words).to.include("50 jours médian, réponses reçues sur 2 réponses ; les recommandations sans réponse sont laissées de côté");
    expect(words).to.include("60 jours médian, attentes comprises sur 3 recommandations, dont 1 sans réponse");
    expect(words).to.include("Adressées puis retirées, comptées nulle part ailleurs : 1");
  });

  it("keeps what addressees say apart from what the observatory finds", async () => {
    const { text } = await coordinator.get("/recommandations/suivi");
    const tables = [...text.matchAll(/<table[\s\S]*?<\/table>/gu)].map(([table]) => table);
    const of = (caption: string) => tables.find((table) => table.includes(caption))!;
    expect(of("Ce que disent les destinataires, dernière réponse").match(/<tr><th scope="row">/gu)).to.have.length(7);
    expect(of("Ce que constate l’observatoire de la réponse").match(/<tr><th scope="row">/gu)).to.have.length(4);
    expect(of("Ce que constate l’observatoire de la mise en œuvre").match(/<tr><th scope="row">/gu)).to.have.length(5);
    expect(of("dernière réponse")).not.to.include("satisfaisante");
  });

  it("says what to do when nothing was sent, when a choice holds nothing, and when a period ends before it begins", async () => {
    const empty = await startApp();
    const visitor = await visitorWith(empty, "analyst");
    expect((await visitor.get("/recommandations/suivi")).text).to.include("Aucune recommandation n’a encore été adressée");
    await empty.close();
    expect((await coordinator.get("/recommandations/suivi?destinataire=legislator")).text).to.include(
      "Aucune recommandation adressée dans ce choix",
    );
    expect((await coordinator.get("/recommandations/suivi?du=2026&au=2025")).text).to.include("La période finit avant de commencer");
    expect((await coordinator.get("/recommandations/suivi?du=hier&destinataire=personne&theme=x")).status).to.equal(200);
  });

  it("speaks English to who reads English", async () => {
    const visitor = await visitorWith(app, "analyst");
    await visitor.post("/compte/langue", { langue: "en" });
    const { text } = await visitor.get("/recommandations/suivi");
    expect(text)
      .to.include("Follow-up of recommendations")
      .and.to.include("median, waiting included")
      .and.to.include("What addressees say");
  });

  it("is read by those who read figures, and exported by the head of the observatory alone, who is noted", async () => {
    for (const role of ["analyst", "reviewer"] as const) {
      const visitor = await visitorWith(app, role);
      const { status, text } = await visitor.get("/recommandations/suivi");
      expect([status, text.includes("export.csv")], role).to.deep.equal([200, false]);
      expect((await visitor.get("/recommandations/suivi/export.csv")).status, role).to.equal(403);
    }
    for (const role of ["correspondent", "administrator"] as const) {
      const visitor = await visitorWith(app, role);
      for (const path of ["/recommandations/suivi", "/recommandations/suivi/export.xlsx"])
        expect((await visitor.get(path)).status, `${role} ${path}`).to.equal(403);
    }
    for (const format of EXPORTS) {
      const { status, headers } = await coordinator.get(`/recommandations/suivi/export.${format}?du=2026`);
      expect(status).to.equal(200);
      expect(headers.get("content-disposition")).to.include(`suivi-des-recommandations-2026-11-23.${format}`);
    }
    const log = await app.database.db.selectFrom("export_log").selectAll().where("what", "=", "follow-up").orderBy("id").execute();
    expect(log.map(({ format, filters, by }) => [format, filters, by])).to.deep.equal(
      EXPORTS.map((format) => [format, '{"du":"2026"}', coordinator.person.id]),
    );
  });

  it("exports the tables of the page: the whole, each addressee, year and theme, as they are shown", async () => {
    const { text } = await coordinator.get("/recommandations/suivi/export.csv");
    const [head, ...lines] = text.replace(/^\uFEFF/u, "").trim().split("\r\n").map((line) => line.split(";")); // biome-ignore format: one chain
    const column = (name: string) => head!.findIndex((heading) => heading.replaceAll('"', "") === name);
    const cell = (line: string[], name: string) => line[column(name)]!.replaceAll('"', "");
    const of = (group: string, code: string) => lines.find((line) => line[0] === group && line[1] === code)!;
    const whole = lines.find((line) => line[0] === "Ensemble")!;
    expect(["Adressées", "Réponse reçue", "Date de réponse passée", "Closes"].map((name) => cell(whole, name))).to.deep.equal([
      "7",
      "3",
      "4",
      "1",
    ]);
    expect(cell(of("Destinataire", "police"), "Adressées")).to.equal("3");
    expect(cell(of("Destinataire", "police"), "Délai médian, attentes comprises (jours)")).to.equal("60");
    expect(cell(of("Année d’envoi", "2026"), "Adressées")).to.equal("5");
    expect(lines.filter((line) => line[0] === "Thème")).to.have.length(2);
  });
});
