import { expect } from "chai";
import { createApp } from "../../server/app.ts";
import { assignReport, submitLayer } from "../../server/assignments/assign.ts";
import { saveValue } from "../../server/coding/save-value.ts";
import type { Role } from "../../workflows/actor.ts";
import { row } from "../chronology/support.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { clock } from "../support/databases.ts";
import { REPORT_TEXT, reportIn } from "../support/reports.ts";
import { routesOf } from "../support/routes.ts";

const now = clock().toISOString();
const CANARY = "canari-jaune";
type Signed = Awaited<ReturnType<typeof visitorWith>>;

describe("what one of two blind coders has coded", function () {
  this.timeout(120_000);
  let app: RunningApp;
  let first: Signed;
  let second: Signed;
  let adjudicator: Signed;
  let head: Signed;
  let id: string;
  let victim: string;
  let secrets: string[];
  let addresses: string[];

  const by = (visitor: Signed, ...roles: Role[]) => ({ id: visitor.person.id, roles });
  const code = (visitor: Signed, factor: string, value: string, quote: string | null, words: string | null) =>
    app.database.db.transaction().execute((tx) =>
      saveValue(
        tx,
        id,
        {
          factor,
          subject: factor === "victim_fear" ? victim : "case",
          value,
          note: words,
          reason: words,
          seenVersion: 0,
          passages: quote === null ? [] : [{ document: 1, quote }],
        },
        by(visitor, "analyst"),
        now,
      ),
    );

  before(async () => {
    app = await startApp();
    first = await visitorWith(app, "analyst");
    second = await visitorWith(app, "analyst");
    adjudicator = await visitorWith(app, "analyst");
    head = await visitorWith(app, "coordinator");
    const report = await reportIn(app.database, "received");
    ({ id, victim } = report);
    await app.database.db
      .transaction()
      .execute((tx) =>
        assignReport(
          tx,
          { reportId: id, seenVersion: 1, by: by(head, "coordinator"), now },
          { analyst: first.person.id, second: second.person.id, adjudicator: adjudicator.person.id, priority: "normal", due: null },
        ),
      );
    const { passages } = await code(first, "victim_fear", "present", "« j’ai peur de ce qu’il peut faire »", `${CANARY} note`);
    await code(first, "overkill", "absent", null, `${CANARY} motif`);
    const asked = { token: "canari-premier-codeur0", about: "report", text: `${CANARY} question`, to: "" };
    expect((await first.post(`/rapports/${id}/questions`, asked)).status).to.equal(303);
    const entry = { ...row(id, first.person.id), description: `${CANARY} contact` };
    await app.database.db.insertInto("chronology_entry").values(entry).execute();
    await code(second, "victim_fear", "present", "« j’ai peur de ce qu’il peut faire »", "Ma note");
    secrets = [CANARY, passages[0]!];
    const values: Record<string, string[]> = {
      ":id": [id],
      ":number": ["1"],
      ":page": ["1"],
      ":factor": ["victim_fear", "overkill"],
      ":reference": ["REC-2099-0001"],
      ":entry": [entry.id],
      ":question": [asked.token],
      ":slug": ["lettre"],
      ":secret": ["inconnu"],
      "*act": ["roles"],
    };
    const filled = (path: string): string[] => {
      for (const [place, given] of Object.entries(values))
        if (path.includes(place)) return given.flatMap((value) => filled(path.replace(place, value)));
      return [path.replace(/[:*]\w+/g, "inconnu")];
    };
    const asks = [
      "",
      `?passage=${passages[0]}`,
      `?facteur=victim_fear&sujet=${victim}`,
      "?facteur=overkill&partie=carte",
      "?couche=1",
      "?layer=1",
      "?q=canari",
      "?langue=en",
    ];
    addresses = routesOf(createApp(app.context), "get")
      .flatMap(filled)
      .flatMap((address) => asks.map((query) => address + query));
  });
  after(() => app.close());

  /** Addresses at which this person finds a word of the first coder, in a page, a file, or a script's answer. */
  async function leaksTo(visitor: Signed): Promise<string[]> {
    const leaks: string[] = [];
    for (const address of addresses)
      for (const accept of ["text/html", "application/json"]) {
        const answer = await visitor.get(address, { accept });
        const seen = `${answer.text}\n${answer.location ?? ""}`;
        for (const secret of secrets)
          if (seen.replaceAll(decodeURIComponent(address), "").includes(secret)) leaks.push(`${address} ${accept}`);
      }
    return [...new Set(leaks)];
  }

  it("is seen by its coder: the planted words are there to be found", async () => {
    const page = await first.get(`/rapports/${id}/codage`);
    for (const secret of secrets) expect(page.text).to.include(secret);
    expect((await first.get(`/rapports/${id}/chronologie`)).text).to.include(`${CANARY} contact`);
  });

  it("is told to the second coder by no address of the application", async () => {
    expect(addresses.length).to.be.greaterThan(400);
    expect(await leaksTo(second)).to.deep.equal([]);
  });

  it("is told neither to the adjudicator before both have handed in, nor by their refusals", async () => {
    expect(await leaksTo(adjudicator)).to.deep.equal([]);
  });

  it("changes no page that another reads, not even by a count, as long as both are not in", async () => {
    const { id: other } = await reportIn(app.database, "received");
    await app.database.db
      .transaction()
      .execute((tx) =>
        assignReport(
          tx,
          { reportId: other, seenVersion: 1, by: by(head, "coordinator"), now },
          { analyst: first.person.id, second: second.person.id, adjudicator: adjudicator.person.id, priority: "normal", due: null },
        ),
      );
    const places = ["", "/codage", "/arbitrage", "/constats", "/relecture", "/chronologie", "/questions"].map(
      (place) => `/rapports/${other}${place}`,
    );
    const seen = async () => {
      const texts: string[] = [];
      for (const visitor of [second, adjudicator, head])
        for (const place of [...places, "/", "/rapports", "/affectations", "/observatoire/accord"]) {
          const { text } = await visitor.get(place);
          texts.push(
            `${place} ${text.replace(/nonce-[^"']+|name="_csrf" value="[^"]+"|data-csrf="[^"]+"|name="token" value="[^"]+"/g, "")}`,
          );
        }
      return texts;
    };
    const before = await seen();
    const answer = await first.post(`/rapports/${other}/codage/valeur`, {
      factor: "overkill",
      subject: "case",
      seenVersion: "0",
      value: "absent",
      reason: "Les constatations le disent",
    });
    expect(answer.status).to.equal(303);
    for (const [at, text] of (await seen()).entries()) expect(text).to.equal(before[at]);
  });

  it("is not told by what a forged act answers", async () => {
    for (const visitor of [second, adjudicator])
      for (const [path, form] of [
        ["valeur", { factor: "overkill", subject: "case", seenVersion: "0", value: "present", layer: "1" }],
        ["valeur", { factor: "overkill", subject: "case", seenVersion: "1", value: "present" }],
        ["passage/detacher", { factor: "victim_fear", subject: victim, seenVersion: "1", passage: secrets[1]! }],
        ["effacer", { factor: "overkill", subject: "case", seenVersion: "7" }],
        ["annuler", { seen: "1" }],
      ] as [string, Record<string, string>][]) {
        const answer = await visitor.post(`/rapports/${id}/codage/${path}`, form);
        for (const secret of secrets)
          if (!Object.values(form).includes(secret)) expect(answer.text, `${path} ${JSON.stringify(form)}`).not.to.include(secret);
      }
    const kept = await app.database.db
      .selectFrom("coding")
      .select(["value", "version"])
      .where("report_id", "=", id)
      .where("layer", "=", 1)
      .where("factor", "=", "overkill")
      .executeTakeFirstOrThrow();
    expect(kept).to.deep.equal({ value: "absent", version: 1 });
  });

  it("does not open while only the first has handed in, and opens to the readers of cases once both have", async () => {
    const { db } = app.database;
    const handIn = async (visitor: Signed) => {
      // Everything else is not documented: what is handed in is whole.
      for (const section of [
        "circumstances",
        "victim",
        "perpetrator",
        "relationship",
        "children",
        "violence_history",
        "prior_contacts",
        "protective_measures",
        "response_failings",
        "after_act",
      ])
        await visitor.post(`/rapports/${id}/codage/section`, { section, shown: "1" });
      const { version } = await db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow();
      return db.transaction().execute((tx) => submitLayer(tx, { reportId: id, seenVersion: version, by: by(visitor, "analyst"), now }));
    };
    expect(await handIn(first)).to.equal(false);
    expect((await second.get(`/rapports/${id}/arbitrage`)).text).not.to.include(CANARY);
    expect((await adjudicator.get(`/rapports/${id}/arbitrage`)).text).not.to.include(CANARY);
    expect(await handIn(second)).to.equal(true);
    expect((await adjudicator.get(`/rapports/${id}/arbitrage`)).text).to.include(`${CANARY} motif`);
    const frozen = await db.selectFrom("double_coding").selectAll().where("report_id", "=", id).execute();
    expect(frozen.find(({ factor }) => factor === "victim_fear")).to.include({ first_value: "present", second_value: "present" });
    expect(frozen.length).to.be.greaterThan(100);
    expect(REPORT_TEXT).not.to.include(CANARY);
  });
});
