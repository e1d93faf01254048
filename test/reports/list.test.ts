import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import { readText } from "../../server/documents/read-text.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { ACT_KINDS } from "../../server/reports/forms.ts";
import { registerReport, storeDocument } from "../../server/reports/intake.ts";
import { COURTS, findDepartment } from "../../server/reports/places.ts";
import { countReports, listReports, REPORTS_PER_PAGE, type ReportFilter } from "../../server/reports/queries.ts";
import type { Actor } from "../../workflows/actor.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { someone } from "../support/reports.ts";

const now = clock().toISOString();
const EVERYTHING: ReportFilter = {
  state: null,
  year: null,
  department: null,
  region: null,
  actKind: null,
  analyst: null,
  text: null,
  depositedBy: null,
  sort: "received",
  descending: true,
  page: 1,
};
const DEPARTMENTS = ["41", "2A", "75", "974"];
const SERVICES = ["Parquet d’Évry", "Inspection générale", "Brigade de Châteauroux 100 %", "Parquet de Blois"];

type Known = {
  id: string;
  state: string;
  received: string;
  act: string;
  kind: string;
  department: string;
  service: string;
  by: string;
  analyst: string | null;
};

/** 130 reports whose facts vary at different paces: every filter and every tie is met. */
async function manyReports(database: Database, people: { depositors: Actor[]; analysts: Actor[]; coordinator: Actor }): Promise<Known[]> {
  const known: Known[] = [];
  await database.db.transaction().execute(async (tx) => {
    for (let n = 0; n < 130; n++) {
      const by = people.depositors[n % 2]!;
      const one = {
        received: `2025-0${1 + (n % 9)}-1${n % 3}`,
        act: `${2019 + (n % 6)}-0${1 + (n % 5)}-2${n % 4}`,
        kind: ACT_KINDS[n % ACT_KINDS.length]!,
        department: DEPARTMENTS[n % DEPARTMENTS.length]!,
        service: SERVICES[n % SERVICES.length]!,
      };
      const id = await registerReport(
        tx,
        {
          receivedOn: one.received,
          issuingKind: "prosecutor",
          issuingService: one.service,
          court: COURTS[n]!.srj,
          department: one.department,
          actDate: one.act,
          actKind: one.kind,
          proceedings: "unknown",
        },
        [],
        by,
        now,
      );
      const aside = n % 7 === 0;
      const analyst = n % 3 === 0 ? people.analysts[n % 2]! : null;
      if (analyst) {
        const bytes = new TextEncoder().encode(id);
        await storeDocument(tx, { reportId: id, fileName: "a.txt", bytes, document: readText(id), by, now });
        await applyEvent(tx, { reportId: id, seenVersion: 1, event: { type: "REPORT_ASSIGNED", by: people.coordinator }, now });
        await tx
          .insertInto("assignment")
          .values({ id: newId(), report_id: id, analyst_id: analyst.id, layer: 1, assigned_by: by.id, assigned_at: now, ended_at: null })
          .execute();
      }
      if (aside)
        await applyEvent(tx, {
          reportId: id,
          seenVersion: analyst ? 2 : 1,
          event: { type: "REPORT_SET_ASIDE", by: people.coordinator, reason: "Doublon" },
          now,
        });
      known.push({ id, ...one, state: aside ? "set_aside" : "received", by: by.id, analyst: analyst?.id ?? null });
    }
  });
  return known;
}

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`the list of reports on ${name}`, () => {
    let database: Database;
    let known: Known[];
    let depositors: Actor[];
    let analysts: Actor[];
    before(async () => {
      database = await open();
      depositors = [await someone(database, "correspondent"), await someone(database, "coordinator")];
      analysts = [await someone(database, "analyst"), await someone(database, "analyst")];
      known = await manyReports(database, { depositors, analysts, coordinator: depositors[1]! });
    });
    after(() => database.close());

    /** Every page of a filter, one after the other. */
    async function pagesOf(filter: ReportFilter): Promise<string[]> {
      const ids: string[] = [];
      for (let page = 1; ; page++) {
        const rows = await listReports(database.db, { ...filter, page });
        if (rows.length === 0) return ids;
        expect(rows.length).to.be.lessThanOrEqual(REPORTS_PER_PAGE);
        ids.push(...rows.map(({ id }) => id));
      }
    }

    it("finds by each filter what it should, and counts what its pages hold", async () => {
      const cases: [Partial<ReportFilter>, (one: Known) => boolean][] = [
        [{}, () => true],
        [{ state: "set_aside" }, ({ state }) => state === "set_aside"],
        [{ state: "published" }, () => false],
        [{ year: 2021 }, ({ act }) => act.startsWith("2021")],
        [{ department: "2A" }, ({ department }) => department === "2A"],
        [{ region: "24" }, ({ department }) => findDepartment(department)!.region === "24"],
        [{ actKind: "forced_suicide" }, ({ kind }) => kind === "forced_suicide"],
        [{ analyst: "none" }, ({ analyst }) => analyst === null],
        [{ analyst: analysts[0]!.id }, ({ analyst }) => analyst === analysts[0]!.id],
        [{ depositedBy: depositors[0]!.id }, ({ by }) => by === depositors[0]!.id],
        [{ text: "retex-2025-001" }, ({ id }) => id.startsWith("RETEX-2025-001")],
        [{ text: "parquet" }, ({ service }) => service.startsWith("Parquet")],
        [
          { state: "received", year: 2019, department: "41", text: "ÉVRY" },
          (one) => one.state === "received" && one.act.startsWith("2019") && one.department === "41",
        ],
      ];
      for (const text of ["Évry", "évry", "EVRY", "d'évry", "d’Evry"]) cases.push([{ text }, ({ service }) => service === SERVICES[0]]);
      for (const text of ["100 %", "chateauroux"]) cases.push([{ text }, ({ service }) => service === SERVICES[2]]);
      for (const text of ["_", "\\", "'; drop table report; --"]) cases.push([{ text }, () => false]);
      for (const [given, matches] of cases) {
        const filter = { ...EVERYTHING, ...given };
        const expected = known.filter(matches).map(({ id }) => id);
        const found = await pagesOf(filter);
        expect(found.toSorted(), JSON.stringify(given)).to.deep.equal(expected.toSorted());
        expect(await countReports(database.db, filter), JSON.stringify(given)).to.equal(expected.length);
      }
      expect(known.filter(cases[12]![1]).length, "the combined filter is met").to.be.greaterThan(0);
    });

    it("sorts by each column both ways, ties by number, and shows each report on one page only", async () => {
      const keys = { received: "received", act: "act", reference: "id", state: "state" } as const;
      for (const [sort, key] of Object.entries(keys))
        for (const descending of [false, true]) {
          const up = known.toSorted((a, b) => (a[key] < b[key] || (a[key] === b[key] && a.id < b.id) ? -1 : 1)).map(({ id }) => id);
          const found = await pagesOf({ ...EVERYTHING, sort: sort as keyof typeof keys, descending });
          expect(found, `${sort}, ${descending ? "downwards" : "upwards"}`).to.deep.equal(descending ? up.toReversed() : up);
        }
    });
  });
}

describe("the page of the list of reports", () => {
  let app: RunningApp;
  let known: Known[];
  const idsIn = (html: string) => [...html.matchAll(/<th scope="row"[^>]*><a href="\/rapports\/(RETEX-[^"]+)"/g)].map(([, id]) => id!);
  before(async () => {
    app = await startApp();
    const depositors = [await someone(app.database, "correspondent"), await someone(app.database, "coordinator")];
    const analysts = [await someone(app.database, "analyst"), await someone(app.database, "analyst")];
    known = await manyReports(app.database, { depositors, analysts, coordinator: depositors[1]! });
  });
  after(() => app.close());

  it("leads through all its pages by its own links, keeping the filters", async () => {
    const reviewer = await visitorWith(app, "reviewer");
    const found: string[] = [];
    let path: string | null = "/rapports?etat=received&tri=act&ordre=asc";
    while (path) {
      const { status, text }: { status: number; text: string } = await reviewer.get(path);
      expect(status).to.equal(200);
      found.push(...idsIn(text));
      expect(text).to.include('<option value="received" selected');
      const next: string | undefined = /<a[^>]*rel="next"[^>]*href="([^"]+)"|<a[^>]*href="([^"]+)"[^>]*rel="next"/
        .exec(text)
        ?.slice(1)
        .find(Boolean);
      path = next?.replaceAll("&amp;", "&") ?? null;
    }
    const expected = known
      .filter(({ state }) => state === "received")
      .toSorted((a, b) => (a.act < b.act || (a.act === b.act && a.id < b.id) ? -1 : 1));
    expect(found).to.deep.equal(expected.map(({ id }) => id));
  });

  it("takes nonsense in the address for no filter", async () => {
    const analyst = await visitorWith(app, "analyst");
    const plain = idsIn((await analyst.get("/rapports")).text);
    for (const query of ["etat=perdu&annee=xx&nature=42&tri=rien&ordre=hasard&page=-3", "page=0", "inconnu=1"])
      expect(idsIn((await analyst.get(`/rapports?${query}`)).text), query).to.deep.equal(plain);
    const beyond = await analyst.get("/rapports?page=99");
    expect([beyond.status, idsIn(beyond.text).length]).to.deep.equal([200, 0]);
  });

  it("is up to date after each act, in the language of the reader, and holds for a correspondent their own deposits only", async () => {
    const coordinator = await visitorWith(app, "coordinator");
    const correspondent = await visitorWith(app, "correspondent");
    const one = known.find(({ state }) => state === "received")!;
    const listed = async () => idsIn((await coordinator.get(`/rapports?etat=set_aside&q=${one.id}`)).text);
    expect(await listed()).to.deep.equal([]);
    const { version } = await app.database.db.selectFrom("report").select("version").where("id", "=", one.id).executeTakeFirstOrThrow();
    const done = await coordinator.post(`/rapports/${one.id}/ecarter`, { version: String(version), kind: "duplicate", reason: "Doublon" });
    expect(done.status).to.equal(303);
    expect(await listed()).to.deep.equal([one.id]);
    expect((await coordinator.get(`/rapports?q=${one.id}`)).text).to.include("Écarté");
    await coordinator.get("/rapports?langue=en");
    expect((await coordinator.get(`/rapports?q=${one.id}`)).text)
      .to.include("Set aside")
      .and.not.to.include("Écarté");
    expect(idsIn((await correspondent.get("/rapports")).text)).to.deep.equal([]);
    const away = await correspondent.get("/rapports?analyste=personne&departement=41&q=parquet");
    expect(idsIn(away.text)).to.deep.equal([]);
  });
});
