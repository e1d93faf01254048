import { expect } from "chai";
import { currentCodebook } from "../../server/codebook/store.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";

describe("the pages of the codebook", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it("are read by every role of the observatory, not by a correspondent", async () => {
    for (const role of ["analyst", "reviewer", "coordinator", "administrator"] as const)
      expect((await (await visitorWith(app, role)).get("/grille")).status).to.equal(200);
    expect((await (await visitorWith(app, "correspondent")).get("/grille")).status).to.equal(403);
  });

  it("hold every factor once, at its own address, with every option", async () => {
    const { factors, version } = await currentCodebook(app.database.db);
    const { text } = await (await visitorWith(app, "analyst")).get("/grille");
    expect(text).to.include(`Version ${version}`);
    for (const { code, options } of factors) {
      expect(text.split(`id="${code}"`), code).to.have.length(2);
      for (const option of options) expect(text).to.include(`<code class="muted">${option.code}</code>`);
    }
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).to.deep.equal([]);
  });

  it("are searched in labels, codes and definitions whatever the accents and the case", async () => {
    const visitor = await visitorWith(app, "analyst");
    const codes = async (q: string) =>
      [...(await visitor.get(`/grille?q=${encodeURIComponent(q)}`)).text.matchAll(/<article class="panel" id="([^"]+)"/g)].map(
        ([, code]) => code,
      );
    expect(await codes("SEPARATION ANNONCEE"))
      .to.include("separation_announced")
      .and.not.include("act_date");
    expect(await codes("act_date")).to.include("act_date");
    expect(await codes("zzzz")).to.deep.equal([]);
    expect((await visitor.get("/grille?q=zzzz")).text).to.include("Rien dans la grille à ce sujet");
  });

  it("say in English that definitions exist in French only", async () => {
    const visitor = await visitorWith(app, "analyst");
    visitor.cookies = `${visitor.cookies}; langue=en`;
    const { text } = await visitor.get("/grille");
    expect(text).to.include("Definitions exist in French only").and.include("Separation announced");
  });
});
