import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type CodebookDefinition, parseCodebook } from "../../server/codebook/definition.ts";
import { checkLine, planOf } from "../../server/imports/check-line.ts";
import { dayWritten } from "../../server/imports/dates.ts";
import { headerKeys, type Mapping, NO_MAPPING, proposedMapping } from "../../server/imports/mapping.ts";
import { LANGUAGES, matching, partsOf } from "../../server/imports/scales.ts";
import { offeredTargets, proposeTargets, targetFinder, targetLabel, targetOf } from "../../server/imports/targets.ts";
import { foldText } from "../../server/reports/fold.ts";

const parsed = parseCodebook(readFileSync(new URL("../../db/data/codebook-1.0.0.yaml", import.meta.url), "utf8"));
const definition: CodebookDefinition = parsed.kind === "codebook" ? parsed.definition : (undefined as never);

describe("days as people write them", () => {
  const day = (text: string, format: Parameters<typeof dayWritten>[1] = "auto") => dayWritten(foldText(text), format);
  it("are read day first, ISO, written out or as a serial number", () => {
    for (const text of [
      "14/03/2019",
      "14.3.2019",
      "14-03-2019",
      "2019-03-14",
      "2019-03-14T10:20:00Z",
      "14/03/2019 22h30",
      "43538",
      "14 mars 2019",
      "14 March 2019",
    ])
      expect(day(text), text).to.equal("2019-03-14");
    expect(day("1er août 2019")).to.equal("2019-08-01");
    expect(day("03/14/2019", "mdy")).to.equal("2019-03-14");
    expect(day("43538", "serial")).to.equal("2019-03-14");
  });
  it("are nothing where the calendar has no such day, the century is not said, or the form is another", () => {
    for (const text of ["31/02/2024", "29/02/2023", "0/1/2020", "14/13/2019", "14/03/19", "mars 2019", "hier", "2019", "14/03"])
      expect(day(text), text).to.equal(null);
    expect(day("14/03/2019", "iso")).to.equal(null);
    expect(day("29/02/2024")).to.equal("2024-02-29");
  });
});

describe("what headings mean", () => {
  it("is proposed from the labels, codes and usual words, each meaning once", () => {
    const headings = [
      "N°",
      "DATE DES FAITS",
      "Dépt",
      "victim_fear",
      "Age de la victime 2",
      "Nb enfants",
      "Sexe auteur",
      "victime peur exprimée",
      "Commentaires",
    ];
    expect(proposeTargets(headings, definition)).to.deep.equal([
      "sheet.reference",
      "sheet.actDate",
      "sheet.department",
      "factor.victim_fear.1",
      "factor.victim_age.2",
      "count.child",
      "sex.perpetrator.1",
      "",
      "",
    ]);
    expect(proposeTargets(["Département"], definition)).to.deep.equal(["sheet.department"]);
  });
  it("is found again from every label that a list offers, in both languages", () => {
    const find = targetFinder(definition, LANGUAGES);
    for (const { t, language } of LANGUAGES)
      for (const code of offeredTargets(definition))
        expect(find(targetLabel(targetOf(code, definition)!, t, language)), code).to.equal(code);
    expect(find("age de la victime – victime 7")).to.equal("factor.victim_age.7");
    expect(find("victim_age")).to.equal("factor.victim_age.1");
    expect(find("n’importe quoi")).to.equal(null);
    for (const code of [
      "factor.victim_age",
      "factor.premeditation.1",
      "factor.victim_age.21",
      "sheet.state",
      "count.dog",
      "factor.inconnu",
      "sex.victim.0",
      "a.b.c.d",
    ])
      expect(targetOf(code, definition), code).to.equal(null);
  });
});

describe("what values mean", () => {
  const match = matching(definition);
  const said = (scale: Parameters<typeof match>[0], ...values: string[]) => values.map((value) => match(scale, foldText(value)));
  it("is proposed by folding, and never guessed from a dash, a zero or a one", () => {
    expect(said("presence", "Oui", "NON", "nsp", "Présente", "Non documenté", "X", "n.c.")).to.deep.equal([
      "present",
      "absent",
      "unknown",
      "present",
      "unknown",
      "present",
      "unknown",
    ]);
    expect(said("presence", "0", "1", "-", "peut-être", "")).to.deep.equal([null, null, null, null, null]);
    expect(said("factor.place_of_act", "Domicile de la victime", "victim_home", "AUTRE DOMICILE", "Shared home", "inconnu")).to.deep.equal([
      "victim_home",
      "victim_home",
      "other_home",
      "shared_home",
      "unknown",
    ]);
  });
  it("takes départements by number and name, courts by code and town", () => {
    expect(said("department", "1", "01", "2a", "Paris", "Loir-et-Cher (41)", "99")).to.deep.equal(["01", "01", "2A", "75", "41", null]);
    const [blois] = said("court", "Tribunal judiciaire de Blois");
    expect(blois).to.be.a("string");
    expect(said("court", "TJ Blois", "blois", "TGI de Blois", "Parquet de Blois", "Ailleurs")).to.deep.equal([
      blois,
      blois,
      blois,
      blois,
      null,
    ]);
  });
  it("is looked for in each part of a cell with several", () => {
    const known = new Set(["arme blanche", "feu ou immolation", "medicaments, poison"]);
    const parts = (text: string) => partsOf(text, (part) => known.has(part));
    expect(parts("medicaments, poison")).to.deep.equal(["medicaments, poison"]);
    expect(parts("arme blanche; feu ou immolation")).to.deep.equal(["arme blanche", "feu ou immolation"]);
    expect(parts("arme blanche, feu ou immolation")).to.deep.equal(["arme blanche", "feu ou immolation"]);
    expect(parts("medicaments, poison | arme blanche")).to.deep.equal(["medicaments, poison", "arme blanche"]);
  });
});

describe("a line", () => {
  const constants: Mapping["constants"] = {
    receivedOn: "2024-01-10", department: "41", court: "", issuingKind: "prosecutor", issuingService: "Parquet", actKind: "homicide", victims: "1", perpetrators: "1",
  }; // biome-ignore format: a sheet
  const court = matching(definition)("court", "blois")!;
  const checkedWith = (columns: Record<string, [string, string]>, more: Partial<Mapping> = {}, unknown: string[] = []) => {
    const headers = Object.keys(columns);
    const mapping: Mapping = {
      columns: Object.fromEntries(
        headerKeys(headers).map((key, at) => [
          key,
          { ...NO_MAPPING, target: columns[headers[at]!]![0], unknown: unknown.includes(headers[at]!) },
        ]),
      ),
      values: {},
      constants: { ...constants, court },
      ...more,
    };
    const plan = planOf(mapping, headers, definition, matching(definition), "2026-11-23");
    return checkLine(
      plan,
      headers.map((header) => columns[header]![1]),
    );
  };
  const DATE: [string, string] = ["sheet.actDate", "14/03/2019"];
  const kindsOf = (checked: ReturnType<typeof checkedWith>) => checked.problems.map(({ kind, column }) => `${kind} ${column}`);

  it("gives decimal commas, several options and each person's own values", () => {
    const { found, problems } = checkedWith({
      Date: DATE,
      "Âge 1": ["factor.victim_age.1", "42,5"],
      "Âge 2": ["factor.victim_age.2", "7"],
      Moyens: ["factor.means_used", "Coups sans arme / Arme blanche"],
      "Sexe 2": ["sex.victim.2", "H"],
    });
    expect(problems).to.deep.equal([]);
    expect(found!.people).to.deep.equal([
      { kind: "victim", number: 1, sex: "unknown" },
      { kind: "victim", number: 2, sex: "male" },
      { kind: "perpetrator", number: 1, sex: "unknown" },
    ]);
    expect(found!.values).to.deep.equal([
      { factor: "victim_age", person: { kind: "victim", number: 1 }, value: "42.5" },
      { factor: "victim_age", person: { kind: "victim", number: 2 }, value: "7" },
      { factor: "means_used", person: null, value: "bladed,beating" },
    ]);
  });

  it("says nothing of people it does not have, and nothing that its cells do not say", () => {
    const { found } = checkedWith(
      { Date: DATE, "Âge 2": ["factor.victim_age.2", ""], Peur: ["factor.victim_fear.1", ""], Prémédité: ["factor.premeditation", ""] },
      {},
      ["Âge 2", "Peur"],
    );
    expect(found!.values).to.deep.equal([{ factor: "victim_fear", person: { kind: "victim", number: 1 }, value: "unknown" }]);
  });

  it("is refused where numbers of people contradict each other", () => {
    expect(kindsOf(checkedWith({ Date: DATE, Victimes: ["count.victim", "1"], "Âge 2": ["factor.victim_age.2", "7"] }))).to.deep.equal([
      "people 2",
    ]);
    expect(kindsOf(checkedWith({ Date: DATE, Victimes: ["count.victim", "3"], Femmes: ["count.victim.female", "2"] }))).to.deep.equal([
      "people 1",
    ]);
    expect(kindsOf(checkedWith({ Date: DATE, Victimes: ["count.victim", "0"] }))).to.deep.equal(["people 1"]);
    expect(kindsOf(checkedWith({ Date: DATE, Victimes: ["count.victim", "21"] }))).to.deep.equal(["number 1"]);
    expect(checkedWith({ Date: DATE, Femmes: ["count.victim.female", "2"], Enfants: ["count.child", "3"] }).found!.people).to.have.length(
      6,
    );
  });

  it("is refused for what the law did not know at the date of the act, and for exclusive values together", () => {
    const later = definition.factors.find(
      ({ availableFrom, options }) => availableFrom && options.some(({ code }) => code === "not_requested"),
    )!;
    const target = `factor.${later.code}${later.appliesTo === "case" ? "" : ".1"}`;
    expect(kindsOf(checkedWith({ Date: ["sheet.actDate", "14/03/1995"], Mesure: [target, "not_requested"] }))).to.deep.equal([
      "notAvailable 1",
    ]);
    const none = definition.factors.find(({ type, options }) => type === "multi" && options.some(({ code }) => code === "unknown"))!;
    const several = `factor.${none.code}${none.appliesTo === "case" ? "" : ".1"}`;
    const other = none.options.find(({ code }) => code !== "unknown")!.code;
    expect(kindsOf(checkedWith({ Date: DATE, Plusieurs: [several, `unknown;${other}`] }))).to.deep.equal(["value 1"]);
  });

  it("follows what was decided of a value before what it would be taken for", () => {
    const columns: Record<string, [string, string]> = { Date: DATE, Peur: ["factor.victim_fear.1", "non"] };
    const decided = (choice: string) => checkedWith(columns, { values: { presence: { non: choice } } });
    expect(checkedWith(columns).found!.values[0]!.value).to.equal("absent");
    expect(decided("unknown").found!.values[0]!.value).to.equal("unknown");
    expect(decided("-").found!.values).to.deep.equal([]);
    expect(kindsOf(decided(""))).to.deep.equal(["value 1"]);
  });

  it("has no values named as parts of every object, in its headings or its cells", () => {
    const columns: [string, [string, string]][] = [
      ["Date", DATE],
      ["constructor", ["factor.victim_fear.1", "constructor"]],
      ["valueOf", ["", "x"]],
    ];
    const { found, problems } = checkedWith(Object.fromEntries(columns));
    expect(found).to.equal(null);
    expect(problems.map(({ kind }) => kind)).to.deep.equal(["value"]);
    expect(proposedMapping(["constructor", "__proto__", "constructor"], definition).columns["constructor#2"]).to.deep.equal(NO_MAPPING);
  });
});
