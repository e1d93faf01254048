import { expect } from "chai";
import { createApp } from "../../server/app.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { routesOf } from "../support/routes.ts";
import { accepted, checked, csv, HEADINGS, lineOf, read } from "./support.ts";

describe("a report whose import is not whole", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let held: string;
  let visitor: Awaited<ReturnType<typeof visitorWith>>;
  before(async () => {
    app = await startApp();
    visitor = await visitorWith(app, "correspondent", "analyst", "reviewer", "coordinator", "administrator");
    await reportIn(app.database, "published");
    const address = await read(visitor, csv(HEADINGS, lineOf()));
    await checked(visitor, address);
    await accepted(visitor, address);
    const { id } = await app.database.db.selectFrom("report").select("id").where("import_id", "is not", null).executeTakeFirstOrThrow();
    expect((await visitor.get(`/rapports/${id}`)).status, "it is there before it is held").to.equal(200);
    expect((await visitor.get("/rapports")).text).to.include(id);
    // As when the import is taken back, before its rows are removed.
    await app.database.db.updateTable("report").set({ held: 1 }).where("id", "=", id).execute();
    await app.database.db
      .updateTable("report_import")
      .set((e) => ({ version: e("version", "+", 1) }))
      .execute();
    held = id;
  });
  after(() => app.close());

  it("exists at no address and on no list, for whoever asks", async () => {
    const addresses = routesOf(createApp(app.context), "get").map((path) => path.replace("/rapports/:id", `/rapports/${held}`));
    const told: string[] = [];
    const open: string[] = [];
    for (const path of addresses) {
      const address = path.replace(/[:*]\w+/g, "1");
      if (path.startsWith("/rapports/importer")) continue; // the import itself says what it is about to bring
      for (const query of ["", "?annee=2019", ...(path === "/rapports" ? [`?q=${held}`] : [])]) {
        const { status, text } = await visitor.get(address + query);
        if (address.startsWith(`/rapports/${held}`)) {
          if (status === 200) open.push(`${status} ${address}`);
        } else if (path !== "/administration/audit" && text.replaceAll(`value="${held}"`, "").replaceAll(`q=${held}`, "").includes(held))
          // What was asked for may be said back where it was typed; the journal tells of when the report was still read.
          told.push(address + query);
      }
    }
    expect(open).to.deep.equal([]);
    expect(told).to.deep.equal([]);
    expect(addresses.filter((address) => address.startsWith(`/rapports/${held}`)).length).to.be.greaterThan(8);
  });

  it("takes no act, whatever its form", async () => {
    const forms = routesOf(createApp(app.context), "post").filter((path) => path.startsWith("/rapports/:id"));
    const taken: string[] = [];
    for (const path of forms) {
      const address = path.replace("/rapports/:id", `/rapports/${held}`).replace(/[:*]\w+/g, "1");
      const { status } = await visitor.post(address, { version: "1" });
      if (![400, 404, 422].includes(status)) taken.push(`${status} ${address}`);
    }
    expect(taken).to.deep.equal([]);
    const { version } = await app.database.db.selectFrom("report").select("version").where("id", "=", held).executeTakeFirstOrThrow();
    expect(version).to.equal(1);
  });
});
