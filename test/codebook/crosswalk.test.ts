import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { compareCodebooks, compareWords, isEmpty } from "../../server/codebook/compare.ts";
import { type Carried, carryOver, type Decisions, fatesOf, fingerprint, linksOf } from "../../server/codebook/crosswalk.ts";
import { type CodebookDefinition, type Factor, parseCodebook } from "../../server/codebook/definition.ts";
import { compareVersions, isVersion, nextVersion } from "../../server/codebook/versions.ts";

const parsed = parseCodebook(readFileSync(new URL("../../db/data/codebook-1.0.0.yaml", import.meta.url), "utf8"));
if (parsed.kind === "problems") throw new Error("The shipped codebook is not one");
const BASE = parsed.definition;
const factorOf = (definition: CodebookDefinition, code: string): Factor => definition.factors.find((one) => one.code === code)!;

/** The base with changes; what was decided of it. */
function drafted(change: (definition: CodebookDefinition, decisions: Decisions) => void) {
  const next = structuredClone(BASE);
  const decisions: Decisions = {};
  change(next, decisions);
  const fates = fatesOf(BASE, next, decisions);
  return { next, fates, fate: (code: string) => fates.find(({ from }) => from.code === code)!, links: linksOf(fates) };
}
const remove = (definition: CodebookDefinition, ...codes: string[]) => {
  definition.factors = definition.factors.filter(({ code }) => !codes.includes(code));
};
const coding = (factor: string, value: string, subject = "case", layer = 1): Carried => ({
  sources: [`${factor} ${subject} ${layer}`],
  layer,
  factor,
  subject,
  value,
});
const ACT = "2024-03-14";
const carriedBy = ({ next, links }: ReturnType<typeof drafted>, ...codings: Carried[]) =>
  carryOver({ from: BASE, to: next, links }, codings, ACT);

describe("the crosswalk between two versions", () => {
  it("carries everything over where nothing changed, and asks nothing", () => {
    const same = drafted(() => {});
    expect(same.fates.filter(({ rule, unconfirmed }) => rule !== "same" || unconfirmed)).to.deep.equal([]);
    const codings = BASE.factors.map(({ code, type, options, optionsRef }) =>
      coding(code, type === "presence" ? "present" : optionsRef ? "41" : (options[0]?.code ?? (type === "date" ? "2024-03-14" : "12.5"))),
    );
    const { carried, fates } = carriedBy(same, ...codings);
    expect(fates.every((fate) => fate === "carried")).to.equal(true);
    const values = (some: Carried[]) => some.map(({ factor, value }) => `${factor} ${value}`).sort();
    expect(values(carried)).to.deep.equal(values(codings));
  });

  it("asks for a confirmation when what a factor means changed, and again when it changes after it was given", () => {
    const reworded = drafted((next) => {
      factorOf(next, "victim_fear").definitionFr += " Autrement dit.";
      factorOf(next, "act_date").indicatorTermsFr.push("le jour même");
    });
    expect(reworded.fate("victim_fear")).to.include({ rule: "same", unconfirmed: true });
    expect(reworded.fate("act_date").unconfirmed).to.equal(false);
    const confirm = (code: string, next: CodebookDefinition, decisions: Decisions) => {
      decisions[code] = {
        rule: "same",
        to: [code],
        values: {},
        note: "",
        confirmed: fingerprint(factorOf(BASE, code), [factorOf(next, code)]),
      };
    };
    const confirmed = drafted((next, decisions) => {
      factorOf(next, "victim_fear").definitionFr += " Autrement dit.";
      confirm("victim_fear", next, decisions);
    });
    expect(confirmed.fate("victim_fear").unconfirmed).to.equal(false);
    const changedSince = drafted((next, decisions) => {
      factorOf(next, "victim_fear").definitionFr += " Autrement dit.";
      confirm("victim_fear", next, decisions);
      factorOf(next, "victim_fear").definitionFr += " Ou presque.";
    });
    expect(changedSince.fate("victim_fear").unconfirmed).to.equal(true);
  });

  it("has a value coded again when its option is gone, unless an administrator says what it becomes", () => {
    const without = (decisions?: (decisions: Decisions) => void) =>
      drafted((next, of) => {
        const place = factorOf(next, "place_of_act");
        place.options = place.options.filter(({ code }) => code !== "vehicle");
        decisions?.(of);
      });
    const silent = carriedBy(without(), coding("place_of_act", "vehicle"));
    expect(silent.fates).to.deep.equal(["recode"]);
    expect(carriedBy(without(), coding("place_of_act", "victim_home")).fates).to.deep.equal(["carried"]);
    const decision = (becomes: string | null) => (decisions: Decisions) => {
      decisions.place_of_act = {
        rule: "same",
        to: ["place_of_act"],
        values: { place_of_act: { vehicle: becomes, workplace: null } },
        note: "",
        confirmed: null,
      };
    };
    const mapped = carriedBy(without(decision("other")), coding("place_of_act", "vehicle"), coding("place_of_act", "workplace", "x"));
    expect(mapped.carried).to.deep.equal([{ ...coding("place_of_act", "vehicle"), value: "other" }]);
    expect(mapped.fates).to.deep.equal(["carried", "recode"]);
    const nowhere = carriedBy(without(decision("inconnue")), coding("place_of_act", "vehicle"));
    expect(nowhere.fates, "an option that does not exist carries nothing").to.deep.equal(["recode"]);
  });

  it("carries a choice of several over only when each of them has a place, in the new order, without those that exclude the others", () => {
    const turned = drafted((next, decisions) => {
      const means = factorOf(next, "means_used");
      means.options = [
        ...means.options.filter(({ code }) => code !== "fall" && code !== "fire").reverse(),
        { code: "none", labelFr: "Aucun", labelEn: "None", definitionFr: null },
      ];
      decisions.means_used = {
        rule: "same",
        to: ["means_used"],
        values: { means_used: { fall: "other", beating: "none" } },
        note: "",
        confirmed: null,
      };
    });
    const { carried, fates } = carriedBy(
      turned,
      coding("means_used", "bladed,firearm", "a"),
      coding("means_used", "bladed,fire", "b"),
      coding("means_used", "fall,other", "c"),
      coding("means_used", "bladed,beating", "d"),
    );
    expect(carried.map(({ subject, value }) => `${subject} ${value}`)).to.deep.equal(["a firearm,bladed", "c other"]);
    expect(fates).to.deep.equal(["carried", "recode", "carried", "recode"]);
  });

  it("splits: what was absent is absent from the parts, what was present is coded again", () => {
    const split = drafted((next, decisions) => {
      const fear = factorOf(next, "victim_fear");
      next.factors.push({ ...fear, code: "fear_told" }, { ...fear, code: "fear_shown" });
      remove(next, "victim_fear");
      decisions.victim_fear = {
        rule: "split",
        to: ["fear_told", "fear_shown"],
        values: { fear_told: { present: "present" } },
        note: "",
        confirmed: null,
      };
    });
    expect(split.fate("victim_fear")).to.include({ rule: "split", unconfirmed: true });
    const { carried, fates } = carriedBy(split, coding("victim_fear", "absent", "v1"), coding("victim_fear", "present", "v2"));
    expect(carried.map(({ factor, subject, value }) => `${factor} ${subject} ${value}`).sort()).to.deep.equal([
      "fear_shown v1 absent",
      "fear_told v1 absent",
      "fear_told v2 present",
    ]);
    expect(fates).to.deep.equal(["carried", "partly"]);
  });

  it("merges: present as soon as one is, absent when all are, else coded again; layers and people apart", () => {
    const merged = drafted((next, decisions) => {
      const one = factorOf(next, "signal_not_transmitted");
      next.factors.push({ ...one, code: "gap" });
      remove(next, "signal_not_transmitted", "risk_assessment_gap");
      for (const code of ["signal_not_transmitted", "risk_assessment_gap"])
        decisions[code] = { rule: "merged", to: ["gap"], values: {}, note: "", confirmed: null };
    });
    const both = (one: string, other: string, layer = 1) => [
      coding("signal_not_transmitted", one, "case", layer),
      coding("risk_assessment_gap", other, "case", layer),
    ];
    const value = (...codings: Carried[]) => carriedBy(merged, ...codings).carried.map((one) => one.value);
    expect(value(...both("present", "absent"))).to.deep.equal(["present"]);
    expect(value(...both("absent", "absent"))).to.deep.equal(["absent"]);
    expect(value(...both("absent", "unknown"))).to.deep.equal([]);
    expect(value(both("present", "absent")[0]!)).to.deep.equal(["present"]);
    expect(value(both("absent", "absent")[0]!), "the other one was never coded").to.deep.equal([]);
    const layers = carriedBy(merged, ...both("present", "unknown", 1), ...both("absent", "absent", 2)).carried;
    expect(layers.map(({ layer, value: said, sources }) => [layer, said, sources.length])).to.deep.equal([
      [1, "present", 1],
      [2, "absent", 2],
    ]);
  });

  it("drops what is retired, and carries nothing to somebody else or to another kind of answer", () => {
    const changed = drafted((next) => {
      remove(next, "overkill");
      factorOf(next, "victim_fear").appliesTo = "perpetrator";
      const premeditation = factorOf(next, "premeditation");
      premeditation.type = "number";
      const age = BASE.factors.find(({ type, unit }) => type === "number" && unit === "years")!;
      factorOf(next, age.code).unit = "days";
    });
    const age = BASE.factors.find(({ type, unit }) => type === "number" && unit === "years")!;
    const { carried, fates } = carriedBy(
      changed,
      coding("overkill", "present"),
      coding("victim_fear", "unknown", "v"),
      coding("premeditation", "present"),
      coding("premeditation", "unknown", "x"),
      coding(age.code, "34", "v"),
    );
    expect(fates).to.deep.equal(["retired", "recode", "recode", "recode", "recode"]);
    expect(carried).to.deep.equal([]);
    expect(changed.fate("premeditation").rule).to.equal("recode");
  });

  it("does not carry « did not exist yet » or « was not asked for » to a measure that began another month", () => {
    const code = BASE.factors.find(
      ({ availableFrom, options }) => availableFrom && options.some((one) => one.code === "not_available"),
    )!.code;
    const moved = drafted((next) => {
      factorOf(next, code).availableFrom = "2026-01";
    });
    const { fates } = carriedBy(
      moved,
      coding(code, "not_available", "a"),
      coding(code, "not_requested", "b"),
      coding(code, "unknown", "c"),
    );
    expect(fates).to.deep.equal(["recode", "recode", "carried"]);
  });

  it("never makes two values for one place, nor a value that the new factor does not have", () => {
    const some = BASE.factors.filter(({ type, optionsRef }) => (type === "category" || type === "multi") && !optionsRef);
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat(some.length - 1),
            keep: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
            type: fc.constantFrom("category", "multi", "presence"),
            to: fc.nat(20),
          }),
          { maxLength: 12 },
        ),
        fc.array(fc.tuple(fc.nat(some.length - 1), fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }), fc.constantFrom("a", "b")), {
          maxLength: 30,
        }),
        (edits, coded) => {
          const mixed = drafted((next, decisions) => {
            for (const { at, keep, type, to } of edits) {
              const code = some[at]!.code;
              const factor = factorOf(next, code);
              const before = factorOf(BASE, code).options;
              factor.type = type as Factor["type"];
              factor.options = type === "presence" ? [] : before.filter((_, index) => keep[index] || index === 0);
              decisions[code] = {
                rule: "same",
                to: [code],
                values: {
                  [code]: Object.fromEntries(
                    before.map((one, index) => [one.code, index % 2 ? (before[to % before.length]?.code ?? null) : null]),
                  ),
                },
                note: "",
                confirmed: null,
              };
            }
          });
          const codings = new Map(
            coded.map(([at, picks, subject]) => {
              const { code, type, options } = some[at]!;
              const codes = [...new Set(picks.map((pick) => options[pick % options.length]!.code))];
              return [`${code} ${subject}`, coding(code, type === "multi" ? codes.join(",") : codes[0]!, subject)];
            }),
          );
          const { carried, fates } = carriedBy(mixed, ...codings.values());
          expect(fates).to.have.length(codings.size);
          expect(new Set(carried.map(({ factor, subject }) => `${factor} ${subject}`)).size).to.equal(carried.length);
          for (const { factor, value } of carried) {
            const { type, options } = factorOf(mixed.next, factor);
            const possible = type === "presence" ? ["present", "absent", "unknown"] : [...options.map(({ code }) => code), "unknown"];
            for (const one of value.split(",")) expect(possible, `${factor}: ${value}`).to.include(one);
            if (type !== "multi") expect(value).not.to.include(",");
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the difference between two versions", () => {
  it("is nothing between a version and itself", () => {
    const { next, fates } = drafted(() => {});
    expect(isEmpty(compareCodebooks(BASE, next, fates))).to.equal(true);
  });

  it("tells words added and removed, and gives both texts back", () => {
    expect(compareWords("un chat noir dort", "un chien noir dort bien")).to.deep.equal([
      { kind: "same", text: "un " },
      { kind: "removed", text: "chat" },
      { kind: "added", text: "chien" },
      { kind: "same", text: " noir dort" },
      { kind: "added", text: " bien" },
    ]);
    const words = fc.array(fc.constantFrom("a", "b", "c ", " ", "\n"), { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(words, words, (before, after) => {
        const runs = compareWords(before, after);
        const without = (kind: string) =>
          runs
            .filter((run) => run.kind !== kind)
            .map(({ text }) => text)
            .join("");
        expect(without("added")).to.equal(before);
        expect(without("removed")).to.equal(after);
      }),
    );
  });

  it("names factors added, retired, split, merged and changed, each once, with their options", () => {
    const { next, fates } = drafted((of, decisions) => {
      const fear = factorOf(of, "victim_fear");
      of.factors.push(
        { ...fear, code: "fear_told" },
        { ...fear, code: "fear_shown" },
        { ...fear, code: "gap" },
        { ...fear, code: "brand_new" },
      );
      remove(of, "victim_fear", "overkill", "signal_not_transmitted", "risk_assessment_gap");
      decisions.victim_fear = { rule: "split", to: ["fear_told", "fear_shown"], values: {}, note: "", confirmed: null };
      for (const code of ["signal_not_transmitted", "risk_assessment_gap"])
        decisions[code] = { rule: "merged", to: ["gap"], values: {}, note: "", confirmed: null };
      const place = factorOf(of, "place_of_act");
      place.options = place.options.filter(({ code }) => code !== "vehicle");
      place.options[0]!.labelFr = "Logement commun";
      place.options.push({ code: "boat", labelFr: "Bateau", labelEn: "Boat", definitionFr: null });
      of.sections[0]!.labelFr = "Circonstances";
    });
    const difference = compareCodebooks(BASE, next, fates);
    const told = difference.factors.map(
      ({ kind, before, after }) => `${kind} ${before.map(({ code }) => code)}>${after.map(({ code }) => code)}`,
    );
    expect(told.sort()).to.deep.equal([
      "added >brand_new",
      "changed place_of_act>place_of_act",
      "merged risk_assessment_gap,signal_not_transmitted>gap".replace(
        "risk_assessment_gap,signal_not_transmitted",
        BASE.factors
          .map(({ code }) => code)
          .filter((code) => ["risk_assessment_gap", "signal_not_transmitted"].includes(code))
          .join(),
      ),
      "retired overkill>",
      "split victim_fear>fear_told,fear_shown",
    ]);
    const place = difference.factors.find(({ after }) => after[0]?.code === "place_of_act")!;
    expect(place.changes.map(({ kind }) => kind)).to.deep.equal(["option-removed", "option-changed", "option-added"]);
    expect(difference.sections).to.have.length(1);
  });
});

describe("the number of a version", () => {
  it("is ordered by its parts and not by its letters, a trial before what it announces", () => {
    const sorted = ["0.9.0", "1.0.0-essai", "1.0.0-essai.2", "1.0.0-essai.10", "1.0.0", "1.2.0", "1.10.0", "2.0.0"];
    expect([...sorted].reverse().sort(compareVersions)).to.deep.equal(sorted);
    expect(compareVersions("1.0.0", "1.0.0")).to.equal(0);
    expect(["1.0", "v1.0.0", "", "1.0.0 "].some(isVersion)).to.equal(false);
    expect([nextVersion("1.9.4", "patch"), nextVersion("1.9.4", "minor"), nextVersion("1.9.4", "major")]).to.deep.equal([
      "1.9.5",
      "1.10.0",
      "2.0.0",
    ]);
  });
});
