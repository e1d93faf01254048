import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import { findRecommendation } from "../../server/follow-up/act.ts";
import { evidenceBehind } from "../../server/recommendations/evidence.ts";
import { listApprovalYears, listRegister, type RegisterFilter } from "../../server/recommendations/queries.ts";
import { foldText } from "../../server/reports/fold.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { recommendationRow } from "./support.ts";

const ANY: RegisterFilter = {
  year: null,
  addressee: null,
  level: null,
  theme: null,
  type: null,
  state: null,
  assessment: null,
  implementation: null,
  overdue: null,
  questioned: false,
  representatives: false,
  followed: null,
  issued: null,
  lead: null,
  said: null,
  today: "2026-11-23",
  text: null,
  sort: "reference",
  descending: false,
};

describe("folded search texts", () => {
  it("forget accents, case, ligatures and kinds of apostrophe and space", () => {
    expect(foldText("  Évaluer L’ŒUVRE\u00a0: çà et là ")).to.equal("evaluer l'oeuvre : ca et la");
    expect(foldText("Évaluer")).to.equal(foldText("E\u0301valuer"));
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`the register of recommendations on ${name}`, () => {
    let database: Database;
    let built: BuiltReport;
    const references = async (filter: Partial<RegisterFilter>, language: "fr" | "en" = "fr") => {
      const { recommendation } = await currentCodebook(database.db);
      const { lines } = await listRegister(
        database.db,
        { ...ANY, ...filter },
        { page: null, addressees: recommendation.addressees, language },
      );
      return lines.map(({ reference }) => reference);
    };

    before(async () => {
      database = await open();
      built = await reportIn(database, "published");
      const common = { report_id: built.id, written_by: built.analyst.id };
      const rows = [
        { reference: "REC-2025-0001", addressee: "police", approved_at: "2025-12-31T23:30:00.000Z", deadline: "2026-06-30" },
        { reference: "REC-2025-0002", addressee: "courts", approved_at: "2025-12-31T22:30:00.000Z", deadline: "2026-01-15" },
        {
          reference: "REC-2025-0003",
          addressee: "associations",
          level: "local",
          theme: "housing",
          type: "resource",
          text: "ÉLARGIR l’hébergement d’urgence à l’Œuvre locale.",
        },
        {
          reference: "REC-2025-0004",
          addressee: "police",
          state: "issued" as const,
          issued_at: "2026-04-01T09:00:00.000Z",
          text: "Rien à 100 % _ici_.",
        },
        { reference: "REC-2025-0005", addressee: "police", state: "withdrawn" as const },
        { reference: "REC-2025-0006", state: "draft" as const, approved_at: null },
        { reference: "REC-2025-0007", deleted_at: "2026-05-01T09:00:00.000Z" },
      ];
      for (const row of rows) await recommendationRow(database.db, { ...common, ...row });
    });
    after(() => database.close());

    it("holds what was approved, issued or withdrawn, whatever its report is rewriting; never drafts", async () => {
      expect(await references({})).to.deep.equal([
        "REC-2025-0001",
        "REC-2025-0002",
        "REC-2025-0003",
        "REC-2025-0004",
        "REC-2025-0005",
        "REC-2025-0007",
        "REC-2026-0001",
      ]);
    });

    it("counts the year of approval in Paris time", async () => {
      expect(await references({ year: 2025 })).to.deep.equal(["REC-2025-0002"]);
      expect(await references({ year: 2026 })).to.include("REC-2025-0001");
      expect(await listApprovalYears(database.db)).to.deep.equal([2026, 2025]);
    });

    it("filters by addressee, level, theme, type and status, together", async () => {
      expect(await references({ addressee: "associations" })).to.deep.equal(["REC-2025-0003"]);
      expect(await references({ level: "local" })).to.deep.equal(["REC-2025-0003"]);
      expect(await references({ theme: "housing" })).to.deep.equal(["REC-2025-0003"]);
      expect(await references({ type: "resource" })).to.deep.equal(["REC-2025-0003"]);
      expect(await references({ state: "issued" })).to.deep.equal(["REC-2025-0004"]);
      expect(await references({ state: "withdrawn", addressee: "courts" })).to.deep.equal([]);
    });

    it("finds French text whatever the accents, the case and the ligatures, and takes wildcards literally", async () => {
      expect(await references({ text: "elargir l'hebergement" })).to.deep.equal(["REC-2025-0003"]);
      expect(await references({ text: "OEUVRE LOCALE" })).to.deep.equal(["REC-2025-0003"]);
      expect(await references({ text: "100 %" })).to.deep.equal(["REC-2025-0004"]);
      expect(await references({ text: "_" })).to.deep.equal(["REC-2025-0004"]);
      expect(await references({ text: "rec-2025-0002" })).to.deep.equal(["REC-2025-0002"]);
      expect(await references({ text: built.id })).to.have.length(7);
    });

    it("sorts by deadline with what has none at the end, either way", async () => {
      const order = async (descending: boolean) => (await references({ sort: "echeance", descending })).slice(0, 3);
      expect(await order(false)).to.deep.equal(["REC-2025-0002", "REC-2025-0001", "REC-2026-0001"]);
      expect(await order(true)).to.deep.equal(["REC-2026-0001", "REC-2025-0001", "REC-2025-0002"]);
    });

    it("sorts by addressee as its labels are in the reader's language", async () => {
      const [french] = await references({ sort: "destinataire" });
      expect(french).to.equal("REC-2025-0003"); // Associations…, Gendarmerie, Juridictions, Police
      expect((await references({ sort: "destinataire" }))[2]).to.equal("REC-2025-0002");
      expect(await references({ sort: "destinataire" }, "en")).to.have.ordered.members([
        "REC-2025-0002", // Courts
        "REC-2026-0001", // National gendarmerie
        "REC-2025-0001", // National police
        "REC-2025-0004",
        "REC-2025-0005",
        "REC-2025-0007",
        "REC-2025-0003", // Victim support…
      ]);
    });

    it("sorts by status in the order of a recommendation's life", async () => {
      expect((await references({ sort: "statut" })).slice(-2)).to.deep.equal(["REC-2025-0004", "REC-2025-0005"]);
    });

    it("gives a page of fifty and the total of all pages", async () => {
      const { recommendation } = await currentCodebook(database.db);
      const other = await reportIn(database, "received");
      for (let n = 0; n < 55; n++)
        await recommendationRow(database.db, { report_id: other.id, written_by: other.analyst.id, level: "legislative" });
      const at = (page: number) =>
        listRegister(database.db, { ...ANY, level: "legislative" }, { page, addressees: recommendation.addressees, language: "fr" });
      const [first, second, third] = [await at(1), await at(2), await at(3)];
      expect([first.lines.length, second.lines.length, third.lines.length]).to.deep.equal([50, 5, 0]);
      expect([first.total, third.total]).to.deep.equal([55, 55]);
    });

    it("names the findings that carry a recommendation as they were published", async () => {
      const row = await findRecommendation(database.db, "REC-2026-0001");
      await database.db
        .updateTable("finding")
        .set({ statement: "Réécrit depuis." })
        .where("report_id", "=", built.id)
        .where("number", "=", 1)
        .execute();
      const behind = await evidenceBehind(database.db, row);
      expect(behind.map(({ finding, statement, fate }) => [finding?.edition, finding?.number, statement.slice(0, 10), fate])).to.deep.equal(
        [[1, 1, "La plainte", "stands"]],
      );
    });
  });
