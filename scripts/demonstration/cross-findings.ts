import type { Db, Tx } from "../../db/schema.ts";
import {
  type Acting,
  approveCrossFinding,
  askSecondReview,
  beginCorrection,
  findCrossFinding,
  proposeEdits,
  recordDissent,
  returnCrossFinding,
  submitCrossFinding,
} from "../../server/cross-findings/act.ts";
import { evidenceNow } from "../../server/cross-findings/evidence.ts";
import { findCases } from "../../server/cross-findings/queries.ts";
import { type CrossFindingGiven, saveCrossFinding } from "../../server/cross-findings/write.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import type { Actor } from "../../workflows/actor.ts";

type Cast = { analysts: Actor[]; reviewer: Actor; coordinator: Actor };
type Step = (tx: Tx, acting: (by: Actor, days: number) => Promise<Acting>) => Promise<void>;
type Story = { given: Omit<CrossFindingGiven, "basis">; factors: string[]; cases: number; days: number; steps: Step };

/** Some cross-case findings, each where its life may leave it: approved, in review, sent back, being corrected, being written. */
export async function loadCrossFindings(db: Db, { analysts, reviewer, coordinator }: Cast, now: Date): Promise<void> {
  const at = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const author = analysts[0]!;
  const other = analysts[1] ?? author;
  const stories: Story[] = [
    {
      given: {
        kind: "missed_signal",
        statement:
          "Dans ces affaires, une plainte ou un signalement déposé avant les faits n’a pas été transmis au service qui pouvait protéger : l’information existait, elle n’a pas circulé.",
        publicStatement: "Des plaintes enregistrées avant les faits n’ont pas été transmises sans délai au parquet.",
        service: "Services d’enquête et parquets",
        knownWhen: "service_before",
      },
      factors: ["signal_not_transmitted", "complaint_filed"],
      cases: 4,
      days: 70,
      steps: async (tx, acting) => {
        await submitCrossFinding(tx, await acting(author, 68));
        await approveCrossFinding(
          tx,
          await acting(reviewer, 60),
          PUBLIC_CHECKS,
          "Les passages disent la même chose dans les affaires citées.",
        );
      },
    },
    {
      given: {
        kind: "good_practice",
        statement:
          "Les bonnes pratiques relevées ont un point commun : une personne ou un service désigné portait la démarche, de l’accueil des proches au soutien des intervenants.",
        publicStatement: "Une démarche tient dans la durée lorsqu’une personne ou un service désigné en a la charge.",
        service: "Parquets, associations, services d’enquête",
        knownWhen: null,
      },
      factors: ["good_practice"],
      cases: 3,
      days: 55,
      steps: async (tx, acting) => {
        await submitCrossFinding(tx, await acting(author, 54));
        await approveCrossFinding(tx, await acting(reviewer, 50), PUBLIC_CHECKS, "");
        await recordDissent(
          tx,
          await acting(coordinator, 48),
          "Dans l’une des affaires, le passage ne dit pas qui portait la démarche : le constat va un peu au-delà.",
        );
      },
    },
    {
      given: {
        kind: "failing",
        statement:
          "Aucune évaluation du danger n’a été conduite alors que des violences antérieures étaient connues : l’appréciation du risque est restée implicite.",
        publicStatement: "L’évaluation du danger n’a pas été conduite, alors que des violences étaient connues depuis quinze jours.",
        service: "Services d’enquête",
        knownWhen: "service_before",
      },
      factors: ["risk_assessment_gap", "physical_violence"],
      cases: 3,
      days: 12,
      steps: async (tx, acting) => {
        await submitCrossFinding(tx, await acting(other, 11));
        await askSecondReview(tx, await acting(coordinator, 10));
        await proposeEdits(
          tx,
          await acting(reviewer, 6),
          {
            statement:
              "Aucune évaluation du danger n’a été conduite alors que des violences antérieures étaient connues d’un service : l’appréciation du risque est restée implicite.",
            publicStatement: "L’évaluation du danger n’a pas été conduite, alors que des violences étaient connues d’un service.",
            service: "Services d’enquête",
          },
          "Une durée pourrait faire reconnaître une affaire ; dire aussi par qui les violences étaient connues.",
        );
      },
    },
    {
      given: {
        kind: "context",
        statement: "La séparation avait été annoncée aux proches dans les semaines qui ont précédé les faits.",
        publicStatement: null,
        service: null,
        knownWhen: "entourage_before",
      },
      factors: ["separation_announced"],
      cases: 5,
      days: 30,
      steps: async (tx, acting) => {
        await submitCrossFinding(tx, await acting(other, 28));
        await returnCrossFinding(
          tx,
          await acting(reviewer, 24),
          "scope",
          "Le constat est juste mais dit peu : préciser ce que les proches ou les services auraient pu en faire.",
        );
      },
    },
    {
      given: {
        kind: "failing",
        statement: "Les services concernés travaillaient sans se connaître : aucun n’avait désigné de chef de file.",
        publicStatement: "Plusieurs services suivaient la situation sans qu’un chef de file ait été désigné.",
        service: "Services sociaux, police et gendarmerie",
        knownWhen: "service_before",
      },
      factors: ["coordination_gap", "signal_not_transmitted"],
      cases: 3,
      days: 120,
      steps: async (tx, acting) => {
        await submitCrossFinding(tx, await acting(author, 118));
        await approveCrossFinding(tx, await acting(reviewer, 110), PUBLIC_CHECKS, "");
        await beginCorrection(tx, await acting(author, 3), "Une affaire publiée depuis montre que la désignation existait sur le papier.");
      },
    },
  ];
  const { presence, known } = await factorsOf(db);
  await db.transaction().execute(async (tx) => {
    for (const { given, factors, cases, days, steps } of stories) {
      const asked = factors.filter((code) => known.has(code));
      const found = await findCases(tx, { factors: asked.slice(0, 1), year: null, reports: [], all: false }, presence);
      const pairs = found.reports.slice(0, cases).flatMap((reportId) => asked.map((factor) => ({ reportId, factor })));
      const basis = [...(await evidenceNow(tx, pairs)).values()].filter(({ subjects }) =>
        subjects.some(({ value }) => value === "present"),
      );
      if (new Set(basis.map(({ reportId }) => reportId)).size < 2) continue;
      const by = given.kind === "context" || given.kind === "failing" ? other : author;
      const reference = await saveCrossFinding(tx, { reference: null, seenVersion: null, by, now: at(days) }, { ...given, basis });
      await steps(tx, async (who, ago) => ({
        reference,
        seenVersion: (await findCrossFinding(tx, reference)).version,
        by: who,
        now: at(ago),
      }));
    }
  });
}

const factorsOf = async (db: Db) => {
  const rows = await db.selectFrom("codebook_factor").select(["code", "type"]).execute();
  return {
    known: new Set(rows.map(({ code }) => code)),
    presence: new Set(rows.filter(({ type }) => type === "presence").map(({ code }) => code)),
  };
};
