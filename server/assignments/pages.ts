import type { Db } from "../../db/schema.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, integer, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { drawShare } from "./draw.ts";
import { inHand, listCandidates, listDoubleCodings, listDraws, listLoads } from "./queries.ts";

type Choice = { value: string; label: string };
const page = template<{
  title: string;
  errors: { href: string; text: string }[];
  loads: {
    name: string;
    href: string;
    single: string;
    blind: string;
    adjudications: string;
    findings: string;
    late: string;
    total: string;
  }[];
  doubles: { id: string; due: string | null; people: { role: string; name: string; state: string }[]; next: string }[];
  draw: { rule: Field; rules: Choice[]; share: Field; atLeast: Field; seed: Field; reason: Field; candidates: string[] };
  draws: { when: string; who: string; rule: string; seed: string; from: string; drawn: string[]; checked: string }[];
}>("assignments/list");

/** Who has what: the load of each analyst, the double codings under way, and the draws of second coders. */
export async function assignmentsPage(db: Db, { t, language, now, audit }: Exchange, typed: Typed | null = null, problems: Problems = {}) {
  audit("assignments.read");
  const [loads, doubles, draws, shareOf, unsure] = [
    await listLoads(db, dayOf(now)),
    await listDoubleCodings(db),
    await listDraws(db),
    await listCandidates(db, "share", 0),
    await listCandidates(db, "low_confidence", 5),
  ];
  const n = (count: number) => integer(count, language);
  return page(
    t("assignments.title"),
    {
      title: t("assignments.title"),
      errors: summary(problems),
      loads: loads.map((load) => ({
        name: load.name,
        href: `/rapports?analyste=${load.id}`,
        single: n(load.single),
        blind: n(load.blind),
        adjudications: n(load.adjudications),
        findings: n(load.findings),
        late: n(load.late),
        total: n(inHand(load)),
      })),
      doubles: doubles.map(({ id, due, people, settled }) => {
        const submitted = people.slice(0, 2).filter((person) => person?.submitted).length;
        return {
          id,
          due: due && longDate(due, language),
          people: people.map((person, at) => ({
            role: t(at === 0 ? "assignments.double.first" : at === 1 ? "assignments.double.second" : "assignments.double.adjudicator"),
            name: person?.name ?? t("assignments.double.nobody"),
            state:
              at === 2 || !person
                ? ""
                : person.submitted
                  ? t("assignments.double.submitted", { date: longDate(dayOf(person.submitted), language) })
                  : t("assignments.double.open"),
          })),
          next:
            submitted < 2
              ? t("assignments.double.waits", { count: 2 - submitted })
              : people[2]
                ? t("assignments.double.adjudicates", { count: settled })
                : t("assignments.double.needsAdjudicator"),
        };
      }),
      draw: {
        rule: field("rule", typed, problems, "share"),
        rules: [
          { value: "share", label: t("assignments.draw.rules.share") },
          { value: "low_confidence", label: t("assignments.draw.rules.low_confidence") },
        ],
        share: field("share", typed, problems, 20),
        atLeast: field("atLeast", typed, problems, 5),
        seed: field("seed", typed, problems, dayOf(now)),
        reason: field("reason", typed, problems),
        candidates: [
          t("assignments.draw.alone", { count: shareOf.length, n: n(shareOf.length) }),
          t("assignments.draw.unsure", { count: unsure.length, n: n(unsure.length) }),
        ],
      },
      draws: draws.map((draw) => {
        const candidates = JSON.parse(draw.candidates) as string[];
        const drawn = JSON.parse(draw.drawn) as string[];
        const again = drawShare(draw.seed, candidates, draw.share_percent);
        return {
          when: instant(draw.drawn_at, language),
          who: draw.name,
          rule: t(`assignments.draw.rules.${draw.rule}`),
          seed: draw.seed,
          from: t("assignments.draw.from", { share: n(draw.share_percent), count: candidates.length }),
          drawn,
          checked: t(JSON.stringify(again) === JSON.stringify(drawn) ? "assignments.draw.checked" : "assignments.draw.differs"),
        };
      }),
    },
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}
