import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import departments from "@etalab/decoupage-administratif/data/departements.json" with { type: "json" };
import { expect } from "chai";
import { parse } from "yaml";
import { type GeneratedCoding, type GeneratedReport, generateReports } from "../../scripts/demonstration/generate.ts";
import { type CodebookDefinition, parseCodebook } from "../../server/codebook/definition.ts";

const data = (file: string): string => readFileSync(new URL(`../../db/data/${file}`, import.meta.url), "utf8");

function realCodebook(): CodebookDefinition {
  const result = parseCodebook(data("codebook-1.0.0.yaml"));
  if (result.kind === "problems") throw new Error("The codebook does not parse.");
  return result.definition;
}

const codebook = realCodebook();
const factorOf = new Map(codebook.factors.map((factor) => [factor.code, factor]));
const reports = generateReports(codebook, { seed: 2026, count: 150 });

type Range = { measure: string; low: number; high: number };
const ranges = new Map(
  (parse(data("reference-figures.yaml")) as { calibration_ranges: Range[] }).calibration_ranges.map((range) => [range.measure, range]),
);

const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
const codingOf = (report: GeneratedReport, code: string): GeneratedCoding => {
  const found = report.codings.find((coding) => coding.factor === code && (coding.person === null || coding.person.number === 1));
  if (!found) throw new Error(`${code} is not coded.`);
  return found;
};
const has =
  (code: string, ...values: string[]) =>
  (report: GeneratedReport): boolean => {
    const { value } = codingOf(report, code);
    return Array.isArray(value) ? value.some((one) => values.includes(one)) : values.includes(String(value));
  };
const numberOf = (report: GeneratedReport, code: string): number | null => {
  const { value } = codingOf(report, code);
  return typeof value === "number" ? value : null;
};
const documented = (coding: GeneratedCoding): boolean =>
  Array.isArray(coding.value) ? !coding.value.includes("unknown") : coding.value !== "unknown" && coding.value !== "not_available";
const occurrences = (text: string, quote: string): number => text.split(quote).length - 1;

describe("The generated reports of the demonstration", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(digest(generateReports(codebook, { seed: 2026, count: 150 }))).to.equal(digest(reports));
    expect(digest(generateReports(codebook, { seed: 7, count: 150 }))).not.to.equal(digest(reports));
  });

  it("are as many as asked for, one or a thousand", () => {
    for (const count of [0, 1, 10, 400]) expect(generateReports(codebook, { seed: 3, count })).to.have.length(count);
  });

  it("spread over 2019 to 2025 in proportion to the published totals", () => {
    const years = reports.map((report) => Number(report.actDate.slice(0, 4)));
    const count = (year: number): number => years.filter((one) => one === year).length;
    const totals: Record<number, number> = { 2019: 173, 2020: 125, 2021: 143, 2022: 145, 2023: 119, 2024: 138, 2025: 843 / 6 };
    const all = Object.values(totals).reduce((sum, n) => sum + n, 0);
    for (const [year, total] of Object.entries(totals)) expect(count(Number(year)), year).to.be.closeTo((total / all) * 150, 1);
    expect(reports.every((report) => report.receivedOn > report.actDate && report.receivedOn < "2026-07-01")).to.equal(true);
  });

  it("say that they are fictional, and name people by a letter only", () => {
    for (const report of reports) {
      expect(report.text).to.include("Document fictif");
      for (const [, word] of report.text.matchAll(/(?:Madame|Monsieur)\s(\S+)/g)) expect(word).to.match(/^[ABCD]\.?[,;’]?$/);
      for (const [, word] of report.text.matchAll(/commune de (\S+)/g)) expect(word).to.match(/^[A-Z]\.$/);
    }
  });

  it("are written in French typography: curly apostrophes, no-break spaces, no double full stop", () => {
    for (const report of reports) {
      expect(report.text).not.to.match(/'/);
      expect(report.text).not.to.match(/ [;:!?»]|« /);
      expect(report.text).not.to.match(/\.\.|<|>|\[\[|\||undefined|NaN/);
      expect(report.text).not.to.match(/ {2}|que elle|que il|lorsque il|de un |commune de [AEIOUY]|donnée la mort/);
      expect(report.text.normalize("NFC")).to.equal(report.text);
    }
  });

  it("read as different reports: hardly a long paragraph comes back word for word", () => {
    const seen = new Map<string, number>();
    for (const report of reports) {
      for (const paragraph of report.text.split("\n\n")) if (paragraph.length > 260) seen.set(paragraph, (seen.get(paragraph) ?? 0) + 1);
    }
    expect(Math.max(...seen.values())).to.be.at.most(3);
  });

  it("have the ten sections of a report", () => {
    const titles = [
      "Les faits",
      "La victime",
      "L’auteur",
      "Le couple",
      "Les antécédents",
      "Les services saisis",
      "Les mesures de protection",
      "L’analyse",
      "Après les faits",
      "Propositions",
    ];
    for (const report of reports) {
      const found = report.text.split("\n\n").filter((paragraph) => /^\d+\. /.test(paragraph));
      expect(found).to.deep.equal(titles.map((title, index) => `${index + 1}. ${title}`));
    }
  });

  it("are placed in known départements and courts, mostly in the court's own département", () => {
    const courts = new Map(
      data("jurisdictions.csv")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(","))
        .map((cells) => [cells[2], { name: cells[0], department: cells[5], appeal: cells[7] }]),
    );
    const codes = new Set(departments.map((department) => department.code));
    let own = 0;
    for (const report of reports) {
      const court = courts.get(report.courtSrj);
      expect(court, report.courtSrj).not.to.equal(undefined);
      expect(codes.has(report.departmentCode), report.departmentCode).to.equal(true);
      expect(report.text).to.include(String(court?.name).replaceAll("'", "’"));
      if (court?.department === report.departmentCode) own += 1;
    }
    expect(own).to.be.within(130, 149);
  });
});

describe("The generated codings", () => {
  it("cover every factor for every person it applies to, once", () => {
    for (const report of reports) {
      const expected = codebook.factors.flatMap((factor) =>
        factor.appliesTo === "case"
          ? [factor.code]
          : report.people
              .filter((person) => person.kind === factor.appliesTo)
              .map((person) => `${factor.code} ${person.kind} ${person.number}`),
      );
      const actual = report.codings.map((coding) =>
        coding.person ? `${coding.factor} ${coding.person.kind} ${coding.person.number}` : coding.factor,
      );
      expect(actual).to.deep.equal(expected);
    }
  });

  it("hold only legal values", () => {
    for (const report of reports) {
      for (const { factor: code, value } of report.codings) {
        const factor = factorOf.get(code);
        if (!factor) throw new Error(code);
        const options = factor.options.map((option) => option.code);
        const label = `${code} = ${JSON.stringify(value)}`;
        if (factor.type === "multi") {
          expect(value, label).to.be.an("array").that.is.not.empty;
          expect(options, label).to.include.members(value as string[]);
          expect(new Set(value as string[]).size, label).to.equal((value as string[]).length);
          if ((value as string[]).length > 1) for (const alone of codebook.exclusiveOptions) expect(value, label).not.to.include(alone);
        } else if (value === "unknown") continue;
        else if (factor.type === "presence") expect(["present", "absent"], label).to.include(value);
        else if (factor.type === "number") expect(Number.isInteger(value) && Number(value) >= 0, label).to.equal(true);
        else if (factor.type === "date") expect(value, label).to.match(/^\d{4}-\d{2}-\d{2}$/);
        else if (factor.options.length > 0) expect(options, label).to.include(value);
      }
    }
  });

  it("rest on a passage that stands exactly once in the text, wherever something is documented", () => {
    for (const report of reports) {
      for (const coding of report.codings) {
        if (documented(coding)) expect(coding.quotes, `${coding.factor} ${JSON.stringify(coding.value)}`).not.to.be.empty;
        for (const quote of coding.quotes) expect(occurrences(report.text, quote), `${coding.factor}: ${quote}`).to.equal(1);
      }
    }
  });

  it("use known evidence bases and moments, and say when it was known for whatever concerns the response of services", () => {
    const bases = codebook.evidenceBasis.map((option) => option.code);
    const moments = codebook.knownWhen.map((option) => option.code);
    for (const report of reports) {
      for (const coding of report.codings) {
        if (coding.evidenceBasis !== null) expect(bases).to.include(coding.evidenceBasis);
        if (coding.knownWhen !== null) expect(moments).to.include(coding.knownWhen);
        if (documented(coding)) expect(coding.evidenceBasis, coding.factor).not.to.equal(null);
        if (documented(coding) && factorOf.get(coding.factor)?.section === "response_failings") expect(coding.knownWhen).not.to.equal(null);
      }
    }
  });

  it("leave most of each case in silence, as real reports do, and every factor is documented somewhere", () => {
    const shares = reports.map((report) => report.codings.filter(documented).length / report.codings.length);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).to.be.within(0.35, 0.6);
    for (const factor of codebook.factors) {
      const some = reports.filter((report) => report.codings.some((coding) => coding.factor === factor.code && documented(coding)));
      expect(some.length, factor.code).to.be.greaterThan(0);
      if (factor.type === "presence") {
        for (const value of ["present", "unknown"]) expect(reports.some(has(factor.code, value)), `${factor.code} ${value}`).to.equal(true);
      }
    }
  });
});

describe("The generated cases are coherent", () => {
  const each = (
    title: string,
    condition: (report: GeneratedReport) => boolean,
    consequence: (report: GeneratedReport) => boolean,
  ): void => {
    it(title, () => {
      const concerned = reports.filter(condition);
      expect(concerned.length, "no case to check").to.be.greaterThan(0);
      for (const report of concerned) expect(consequence(report), `${report.title}`).to.equal(true);
    });
  };
  each("a strangulation is physical violence", has("strangulation_history", "present"), has("physical_violence", "present"));
  each("a confinement is physical violence", has("sequestration", "present"), has("physical_violence", "present"));
  each(
    "days since the separation are counted only for separated couples",
    (report) => numberOf(report, "days_since_separation") !== null,
    has("relationship_status", "separated"),
  );
  each(
    "the separation of less than a year counts as announced",
    (report) => (numberOf(report, "days_since_separation") ?? 999) <= 365,
    has("separation_announced", "present"),
  );
  each(
    "the perpetrator's suicide extinguishes the prosecution",
    has("perpetrator_suicide", "completed"),
    (report) => report.proceedings === "extinguished" && !has("judicial_outcome", "ongoing", "convicted", "appeal")(report),
  );
  each(
    "nobody is convicted after dying",
    has("judicial_outcome", "convicted", "appeal"),
    (report) => !has("perpetrator_suicide", "completed")(report),
  );
  each("the bracelet did not exist before September 2020", (report) => report.actDate < "2020-09-01", has("bar", "not_available"));
  each(
    "the bracelet is not called unavailable afterwards",
    (report) => report.actDate >= "2020-09-01",
    (report) => !has("bar", "not_available")(report),
  );
  each(
    "the immediate order did not exist before 2025",
    (report) => report.actDate < "2025-01-01",
    has("immediate_protection_order", "not_available"),
  );
  each(
    "the immediate order is not called unavailable afterwards",
    (report) => report.actDate >= "2025-01-01",
    (report) => !has("immediate_protection_order", "not_available")(report),
  );
  each(
    "no danger grid before November 2019",
    (report) => report.actDate < "2019-11-01",
    (report) => !has("danger_evaluation", "grille_fsi", "none")(report),
  );
  each(
    "children of the household are people of the case",
    (report) => numberOf(report, "children_in_household") !== null,
    (report) => report.people.filter((person) => person.kind === "child").length === numberOf(report, "children_in_household"),
  );
  each(
    "no more children are present, killed or orphaned than there are",
    (report) => numberOf(report, "children_in_household") !== null,
    (report) => {
      const all = numberOf(report, "children_in_household") ?? 0;
      const dead = numberOf(report, "children_killed") ?? 0;
      return (numberOf(report, "children_present_at_act") ?? 0) <= all && dead + (numberOf(report, "children_orphaned") ?? 0) <= all;
    },
  );
  each("retired people are not young", has("victim_occupation", "retired"), (report) => (numberOf(report, "victim_age") ?? 60) >= 60);
  each(
    "a complaint that was withdrawn or followed up is never a case without any trace",
    has("complaint_outcome", "dismissed", "prosecution", "conviction", "alternative"),
    has("complaint_filed", "present"),
  );
  each(
    "a conviction for the complaint shows in the record",
    has("complaint_outcome", "conviction"),
    has("perpetrator_prior_ipv_conviction", "same_victim", "both"),
  );
  each(
    "forced suicides come after the offence was created, with harassment by the perpetrator",
    (report) => report.actKind.startsWith("forced"),
    (report) => report.actDate >= "2020-08-01" && has("prior_violence_direction", "perp_to_victim", "both")(report),
  );
  each(
    "who reports nothing has no intervention",
    (report) => (numberOf(report, "police_interventions") ?? 0) > 0,
    has("prior_violence_direction", "perp_to_victim", "both"),
  );
  each(
    "nobody lives together after leaving",
    has("relationship_status", "separated"),
    (report) => !has("place_of_act", "shared_home")(report),
  );
  each("an inspection signs what an inspection wrote", has("retex_format", "inspection"), (report) => report.issuingKind === "inspection");
  each(
    "a second victim is counted among the other adults",
    (report) => report.people.some((person) => person.kind === "victim" && person.number === 2),
    (report) => numberOf(report, "collateral_adult_victims") === 1,
  );
  each(
    "late-life cases concern elderly couples",
    has("caregiver_burden", "present"),
    (report) => (numberOf(report, "perpetrator_age") ?? 0) >= 70,
  );
  each(
    "a protection on offer was not in force",
    has("protection_not_offered", "present"),
    (report) => !has("protection_order", "in_force")(report) && !has("tgd", "in_force")(report),
  );
});

describe("The margins of 150 generated reports stay inside the published ranges", () => {
  const percent = (part: number, whole: number): number => (100 * part) / whole;
  const share = (list: GeneratedReport[], test: (report: GeneratedReport) => boolean): number =>
    percent(list.filter(test).length, list.length);
  const homicides = (list: GeneratedReport[]): GeneratedReport[] => list.filter((report) => report.actKind === "homicide");
  const prior = has("prior_violence_direction", "perp_to_victim", "both");
  const reported = (report: GeneratedReport): boolean =>
    has("complaint_filed", "present")(report) ||
    has("main_courante_pvrj", "present")(report) ||
    (numberOf(report, "police_interventions") ?? 0) > 0;
  const underMeasure = (report: GeneratedReport): boolean =>
    has("protection_order", "in_force")(report) ||
    has("tgd", "in_force")(report) ||
    has("bar", "in_force")(report) ||
    has("immediate_protection_order", "in_force")(report) ||
    has("judicial_status_at_act", "judicial_supervision")(report) ||
    has("contact_ban", "present")(report);
  const home = has("place_of_act", "shared_home", "victim_home", "perpetrator_home");
  const old = (report: GeneratedReport): boolean => (numberOf(report, "perpetrator_age") ?? 0) >= 70;

  const measures: Record<string, (killings: GeneratedReport[], all: GeneratedReport[]) => number[]> = {
    share_women: (killings, all) => [share(killings, has("victim_sex", "female")), share(all, has("victim_sex", "female"))],
    perpetrators_male: (killings, all) => [share(killings, has("perpetrator_sex", "male")), share(all, has("perpetrator_sex", "male"))],
    place_home: (killings, all) => [share(killings, home), share(all, home)],
    means_bladed: (killings, all) => [share(killings, has("means_used", "bladed")), share(all, has("means_used", "bladed"))],
    means_firearm: (killings, all) => [share(killings, has("means_used", "firearm")), share(all, has("means_used", "firearm"))],
    means_asphyxia: (_, all) => [share(all, has("means_used", "strangulation"))],
    motive_dispute: (killings, all) => [share(killings, has("trigger_context", "dispute")), share(all, has("trigger_context", "dispute"))],
    motive_separation: (killings, all) => [
      share(killings, has("trigger_context", "separation_refused")),
      share(all, has("trigger_context", "separation_refused")),
    ],
    perpetrator_suicides: (killings, all) => [
      share(killings, has("perpetrator_suicide", "completed")),
      share(all, has("perpetrator_suicide", "completed")),
    ],
    women_with_prior_violence: (killings) => [
      share(killings.filter(has("victim_sex", "female")), prior),
      share(killings.filter(has("victim_sex", "female")), has("physical_violence", "present")),
    ],
    women_reported_prior_violence: (killings) => [
      share(
        killings.filter((report) => has("victim_sex", "female")(report) && prior(report)),
        reported,
      ),
    ],
    women_prior_complaint: (killings) => [
      share(
        killings.filter((report) => has("victim_sex", "female")(report) && prior(report) && reported(report)),
        has("complaint_filed", "present"),
      ),
    ],
    women_under_protection_measure: (killings, all) => [
      share(killings.filter(has("victim_sex", "female")), underMeasure),
      share(all.filter(has("victim_sex", "female")), underMeasure),
    ],
    perpetrators_age_70_plus: (_, all) => [share(all, old)],
    perpetrator_alcohol: (_, all) => [
      share(all, has("perpetrator_alcohol_misuse", "present")),
      share(all, has("perpetrator_intoxicated_at_act", "present")),
    ],
  };

  it("covers every published range that can serve as a check", () => {
    expect([...ranges.keys()].filter((measure) => measure !== "premeditated").toSorted()).to.deep.equal(Object.keys(measures).toSorted());
  });

  for (const [measure, compute] of Object.entries(measures)) {
    it(measure, () => {
      const range = ranges.get(measure);
      if (!range) throw new Error(measure);
      for (const seed of [2026, 1, 42]) {
        const list = seed === 2026 ? reports : generateReports(codebook, { seed, count: 150 });
        // Published percentages are rounded, sometimes truncated: one point is accepted for those of a single year.
        const slack = range.high === range.low ? 1 : 0.05;
        for (const value of compute(homicides(list), list))
          expect(value, `${measure}, seed ${seed}`).to.be.within(range.low - slack, range.high + slack);
      }
    });
  }

  it("premeditation, attempts, orphans and women who had been victims are in the order of the studies", () => {
    expect(share(reports, has("premeditation", "present"))).to.be.within(8, 33);
    expect(share(reports, has("act_outcome", "attempted_homicide"))).to.be.within(10, 35);
    const women = reports.filter((report) => has("perpetrator_sex", "female")(report) && has("victim_sex", "male")(report));
    expect(share(women, has("prior_violence_direction", "victim_to_perp", "both"))).to.be.within(20, 65);
    expect(reports.reduce((sum, report) => sum + (numberOf(report, "children_orphaned") ?? 0), 0)).to.be.within(60, 160);
  });

  it("the Nord comes first, and most départements have one or two cases", () => {
    const counts = new Map<string, number>();
    for (const report of reports) counts.set(report.departmentCode, (counts.get(report.departmentCode) ?? 0) + 1);
    const sorted = [...counts.entries()].toSorted((a, b) => b[1] - a[1]);
    expect(sorted[0]?.[0]).to.equal("59");
    expect(sorted.slice(0, 8).map(([code]) => code)).to.include.members(["06", "62", "93"]);
    expect(counts.size).to.be.greaterThan(60);
  });
});

describe("The generated findings and recommendations", () => {
  const classification = codebook.recommendation;
  const codes = (options: { code: string }[]): Set<string> => new Set(options.map((option) => option.code));

  it("rest on documented factors and on passages of the text", () => {
    for (const report of reports) {
      for (const finding of report.findings) {
        expect(finding.factors).not.to.be.empty;
        expect(finding.quotes).not.to.be.empty;
        for (const code of finding.factors) {
          expect(documented(codingOf(report, code)), `${finding.statement}: ${code}`).to.equal(true);
          expect(codingOf(report, code).quotes).not.to.be.empty;
        }
        for (const quote of finding.quotes) expect(occurrences(report.text, quote)).to.equal(1);
      }
    }
  });

  it("call a signal missed only where a service knew it before the act", () => {
    const missed = reports.flatMap((report) =>
      report.findings.filter((finding) => finding.kind === "missed_signal").map((finding) => ({ report, finding })),
    );
    expect(missed.length).to.be.greaterThan(30);
    for (const { report, finding } of missed) {
      expect(finding.knownWhen).to.equal("service_before");
      expect(codingOf(report, finding.factors[0] ?? "").knownWhen).to.equal("service_before");
    }
  });

  it("are varied: at least forty findings and forty-five recommendations are used, of the four kinds", () => {
    expect(new Set(reports.flatMap((report) => report.findings.map((finding) => finding.statement))).size).to.be.at.least(40);
    expect(new Set(reports.flatMap((report) => report.recommendations.map((recommendation) => recommendation.text))).size).to.be.at.least(
      45,
    );
    expect(new Set(reports.flatMap((report) => report.findings.map((finding) => finding.kind)))).to.have.property("size", 4);
    expect(reports.filter((report) => report.findings.length > 0).length).to.be.greaterThan(120);
  });

  it("say in public nothing that could single a case out: no person, place, date or number", () => {
    for (const report of reports) {
      for (const { publicStatement } of report.findings) {
        if (publicStatement === null) continue;
        expect(publicStatement).not.to.match(/\d|Madame|Monsieur|commune|tribunal de/i);
      }
    }
  });

  it("are addressed, levelled and classed by codes of the codebook, tied to findings, and written in the report", () => {
    for (const report of reports) {
      for (const recommendation of report.recommendations) {
        expect(codes(classification.addressees)).to.include(recommendation.addressee);
        expect(codes(classification.levels)).to.include(recommendation.level);
        expect(codes(classification.themes)).to.include(recommendation.theme);
        expect(codes(classification.types)).to.include(recommendation.type);
        expect(recommendation.findings).not.to.be.empty;
        for (const index of recommendation.findings) expect(report.findings[index]).not.to.equal(undefined);
        if (recommendation.deadline !== null) expect(recommendation.deadline > report.receivedOn).to.equal(true);
        expect(report.text).to.include(recommendation.text);
      }
    }
  });
});
