import { readFileSync } from "node:fs";
import { expect } from "chai";
import { CHARTS, withChart, withCharts } from "../../workflows/draw.ts";
import { decide, REPORT_STATES } from "../../workflows/report.decide.ts";
import { EVENT_WORDS } from "../../workflows/report.words.ts";
import { eventOf, REPORT_EVENTS } from "./facts.ts";

describe("the chart of the workflow", () => {
  const chart = CHARTS["workflow"]!();

  it("in the README is the one the machine draws now", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    expect(withCharts(readme), "stale: run `npm run draw`").to.equal(readme);
  });

  it("holds every state, and an arrow for every event that moves a report", () => {
    for (const state of REPORT_STATES) expect(chart).to.match(new RegExp(`^ {2}${state}: .+ \\(.+\\)$`, "m"));
    const facts = {
      depositor: null,
      analysts: ["a"],
      coders: [],
      coding: "single" as const,
      layers: [],
      adjudicator: null,
      undecidedDifferences: 0,
      unacceptedAgreements: 0,
      authors: [],
      documents: 1,
      uncodedFactors: 0,
      unprovenFactors: 0,
      findings: 1,
      findingsWithoutEvidence: 0,
      recommendationsWithoutFinding: 0,
      blockingIssues: 0,
      undecidedFindings: 0,
      approvedFindings: 1,
      returnedFindings: 0,
      proposedFindings: 0,
      secondReviewsWaiting: 0,
      publishedFindings: 2,
      finding: null,
    };
    const drawn = new Set<string>();
    for (const state of REPORT_STATES)
      for (const type of REPORT_EVENTS)
        for (const id of ["a", "b"]) {
          const decision = decide(state, facts, eventOf(type, { id, roles: ["analyst", "reviewer", "coordinator"] }));
          if (decision.kind !== "moved" || decision.to === state) continue;
          const line = chart.split("\n").find((one) => one.startsWith(`  ${state} --> ${decision.to}: `));
          expect(line, `${type} from ${state}`).to.include(EVENT_WORDS[type].act.en);
          drawn.add(`${state} --> ${decision.to}`);
        }
    expect(chart.match(/^ {2}\w+ --> \w+/gm)!.length).to.equal(drawn.size);
  });

  it("is not put into a text without its marks", () => {
    expect(() => withChart("# Sans repères", "workflow", chart)).to.throw("marks");
  });
});
