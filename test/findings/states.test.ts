import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { REPORT_STATES } from "../../workflows/report.decide.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn } from "../support/reports.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`a report brought to each state by its events (${name})`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    for (const state of REPORT_STATES)
      it(`is ${state}, at the version its builder tells`, async () => {
        const { id, version } = await reportIn(database, state);
        const row = await database.db.selectFrom("report").select(["state", "version"]).where("id", "=", id).executeTakeFirst();
        expect(row).to.deep.equal({ state, version });
      });
  });
