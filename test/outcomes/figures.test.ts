import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import { COUNTED, type OutcomeScope, type Outcomes, outcomeFigures, yearsOfIssue } from "../../server/outcomes/figures.ts";
import { ANSWER_ASSESSMENTS, ANSWERS, IMPLEMENTATIONS } from "../../workflows/recommendation.machine.ts";
import { DATABASES } from "../support/databases.ts";
import { authorIn, SEVEN, type Told, tell } from "./support.ts";

const NOW = { today: "2026-11-23", now: "2026-11-23T09:00:00.000Z" };
const ALL: OutcomeScope = { from: null, to: null, addressee: null, level: null, theme: null, once: false };
const numbers = (one: Outcomes) => Object.fromEntries(COUNTED.map((name) => [name, one[name]]));
const only = (record: Record<string, number>) => Object.fromEntries(Object.entries(record).filter(([, n]) => n > 0));

async function opened(open: () => Promise<Database>, told: readonly Told[]): Promise<Database> {
  const database = await open();
  await tell(database.db, await authorIn(database.db), told);
  return database;
}

// --- the same figures, counted one by one ---------------------------------------------------------------------------------------
const FOLLOWED = ["issued", "answered", "assessed", "closed"];
const paris = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Paris", year: "numeric" });
const yearOf = (at: string) => Number(paris.format(new Date(at)));

/** Those left when recommendations that are the same count once: told from the ties, in a way of its own. */
function once(told: readonly Told[]): Told[] {
  const target = new Map(told.flatMap(({ reference, sameAs }) => (sameAs ? [[reference, sameAs] as const] : [])));
  const headOf = (reference: string): string => {
    const next = target.get(reference);
    return next === undefined ? reference : headOf(next);
  };
  return [...Map.groupBy(told, ({ reference }) => headOf(reference))].map(([head, group]) => {
    const followed = group.filter(({ state }) => FOLLOWED.includes(state!));
    const first = (followed.length > 0 ? followed : group).find(({ reference }) => reference === head);
    return first ?? [...followed].sort((a, b) => (`${a.issued_at} ${a.reference}` < `${b.issued_at} ${b.reference}` ? -1 : 1))[0]!;
  });
}

function recount(told: readonly Told[], scope: OutcomeScope) {
  const inScope = (scope.once ? once(told) : told).filter(
    ({ issued_at, addressee, level, theme }) =>
      (scope.from === null || (issued_at != null && yearOf(issued_at) >= scope.from)) &&
      (scope.to === null || (issued_at != null && yearOf(issued_at) <= scope.to)) &&
      (scope.addressee === null || addressee === scope.addressee) &&
      (scope.level === null || level === scope.level) &&
      (scope.theme === null || theme === scope.theme),
  );
  const rows = inScope.filter(({ state }) => FOLLOWED.includes(state!));
  const past = (day: string | null | undefined) => day != null && day < NOW.today;
  const count = (list: readonly Told[]) => ({
    issued: list.length,
    received: list.filter((one) => one.received_at).length,
    due: list.filter((one) => past(one.answer_due)).length,
    answered: list.filter((one) => one.answered_at).length,
    answeredDue: list.filter((one) => one.answered_at && past(one.answer_due)).length,
    answeredEarly: list.filter((one) => one.answered_at && !past(one.answer_due)).length,
    assessed: list.filter((one) => one.answered_at && one.assessment && one.assessment !== "no_answer").length,
    answerOverdue: list.filter((one) => one.state === "issued" && past(one.answer_due)).length,
    deadlinePast: list.filter((one) => past(one.deadline)).length,
    implementationOverdue: list.filter(
      (one) => one.state !== "closed" && past(one.deadline) && (!one.implementation || one.implementation === "in_progress"),
    ).length,
    closed: list.filter((one) => one.state === "closed").length,
  });
  const tally = (values: (string | null | undefined)[], codes: readonly string[]) =>
    Object.fromEntries(codes.map((code) => [code, values.filter((value) => value === code).length]));
  const grouped = <K>(key: (one: Told) => K) => new Map([...Map.groupBy(rows, key)].map(([group, list]) => [group, count(list)]));
  const days = (one: Told) =>
    Math.round((Date.parse(one.answered_at ?? one.closed_at ?? NOW.now) - Date.parse(one.issued_at!)) / 86_400_000);
  const timed = rows.filter((one) => one.answered_at).map(days).sort((a, b) => a - b); // biome-ignore format: one chain
  return {
    whole: count(rows),
    byAddressee: grouped(({ addressee }) => addressee!),
    byYear: grouped(({ issued_at }) => yearOf(issued_at!)),
    byTheme: grouped(({ theme }) => theme!),
    said: tally(rows.map((one) => (one.answered_at ? one.says?.at(-1) : null)), ANSWERS), // biome-ignore format: one line a scale
    found: tally(rows.map(({ assessment }) => assessment), ANSWER_ASSESSMENTS), // biome-ignore format: one line a scale
    implementation: tally(rows.map(({ implementation }) => implementation), IMPLEMENTATIONS), // biome-ignore format: one line a scale
    toAssess: rows.filter(({ state }) => state === "answered").length,
    withdrawn: inScope.filter(({ state, issued_at }) => state === "withdrawn" && issued_at).length,
    median: timed.length === 0 ? null : (timed[Math.ceil(timed.length / 2) - 1]! + timed[Math.floor(timed.length / 2)]!) / 2,
    waiting: rows.length - timed.length,
  };
}

async function counted(db: Tx, scope: OutcomeScope) {
  const { whole, byAddressee, byYear, byTheme, ...rest } = await outcomeFigures(db, scope, NOW);
  const each = <K>(groups: Map<K, Outcomes>) => new Map([...groups].map(([key, one]) => [key, numbers(one)]));
  return {
    ...rest,
    whole: numbers(whole),
    byAddressee: each(byAddressee),
    byYear: each(byYear),
    byTheme: each(byTheme),
    median: whole.waits.medianOfAnswered(),
    waiting: whole.waits.waiting,
  };
}

// --- random lives, as the checks of the database allow them ----------------------------------------------------------------------
const day = fc.constantFrom(null, "2025-03-01", "2026-11-22", "2026-11-23", "2026-11-24", "2027-05-01");
const sent = fc.constantFrom(
  "2023-12-31T22:59:59.999Z", "2023-12-31T23:00:00.000Z", "2024-07-01T10:00:00.000Z", "2025-12-31T22:30:00.000Z",
  "2025-12-31T23:30:00.000Z", "2026-06-15T08:00:00.000Z",
); // biome-ignore format: a list
const life = fc
  .record({
    state: fc.constantFrom("approved", "issued", "answered", "assessed", "closed", "withdrawn"),
    addressee: fc.constantFrom("police", "courts", "prosecutor"),
    level: fc.constantFrom("local", "national"),
    theme: fc.constantFrom("training", "housing"),
    issued_at: sent,
    answer_due: day,
    deadline: day,
    received_at: fc.constantFrom(null, "2026-07-01T10:00:00.000Z"),
    answered: fc.boolean(),
    wait: fc.integer({ min: 0, max: 200 }),
    says: fc.array(fc.constantFrom(...ANSWERS), { minLength: 1, maxLength: 2 }),
    assessment: fc.constantFrom(null, ...ANSWER_ASSESSMENTS),
    implementation: fc.constantFrom(null, ...IMPLEMENTATIONS),
    sameAs: fc.option(fc.nat(), { nil: null, freq: 3 }),
  })
  .map(({ answered, wait, sameAs, ...one }) => {
    const state = one.state as NonNullable<Told["state"]>;
    const later = new Date(Date.parse(one.issued_at) + wait * 86_400_000).toISOString();
    const followed = FOLLOWED.includes(state);
    const judged = state === "assessed" || state === "closed";
    const replied = state === "answered" || (followed && judged && answered);
    return {
      sameAs,
      told: {
        ...one,
        state,
        issued_at: state === "approved" ? null : one.issued_at,
        received_at: state === "approved" ? null : one.received_at,
        answered_at: replied ? later : null,
        says: replied ? one.says : [],
        assessment: judged ? (one.assessment ?? "acceptable") : state === "answered" ? one.assessment : null,
        implementation: state === "closed" ? (one.implementation ?? "fully") : judged ? one.implementation : null,
        closed_at: state === "closed" ? later : null,
      },
    };
  });
const lives = fc.array(life, { minLength: 1, maxLength: 25 }).map((list) =>
  list.map(({ told, sameAs }, at): Told => {
    const target = sameAs === null || at === 0 ? null : sameAs % at;
    return {
      ...told,
      reference: `REC-2026-${String(9000 - at)}`,
      ...(target !== null && { sameAs: `REC-2026-${String(9000 - target)}` }),
    };
  }),
);
const scopes: OutcomeScope[] = [
  ALL,
  { ...ALL, once: true },
  { ...ALL, from: 2024, to: 2025 },
  { ...ALL, to: 2023 },
  { ...ALL, from: 2026, once: true, theme: "training" },
  { ...ALL, addressee: "police", level: "local" },
];

for (const [name, open] of Object.entries(DATABASES))
  describe(`what became of recommendations, on ${name}`, () => {
    it("is what seven recommendations count by hand", async () => {
      const database = await opened(open, SEVEN);
      const { whole, byAddressee, byYear, byTheme, ...rest } = await outcomeFigures(database.db, ALL, NOW);
      expect(numbers(whole)).to.deep.equal({
        issued: 5,
        received: 2,
        due: 4,
        answered: 3,
        answeredDue: 2,
        answeredEarly: 1,
        assessed: 2,
        answerOverdue: 1,
        deadlinePast: 3,
        implementationOverdue: 2,
        closed: 1,
      });
      expect([...byAddressee].map(([code, one]) => [code, one.issued, one.answered]).sort()).to.deep.equal([
        ["courts", 2, 1],
        ["police", 3, 2],
      ]);
      // Sent on 31 December 2024 at 23:30 UTC: it was 2025 in Paris.
      expect([...byYear].map(([year, one]) => [year, one.issued]).sort()).to.deep.equal([
        [2025, 2],
        [2026, 3],
      ]);
      expect([...byTheme].map(([code, one]) => [code, one.issued]).sort()).to.deep.equal([
        ["housing", 1],
        ["training", 4],
      ]);
      // The last answer counts, and the two scales are apart.
      expect(only(rest.said)).to.deep.equal({ partly_accepted: 1, rejected: 1, implemented: 1 });
      expect(only(rest.found)).to.deep.equal({ acceptable: 1, unacceptable: 1, no_answer: 1 });
      expect(only(rest.implementation)).to.deep.equal({ fully: 1, in_progress: 1 });
      expect([rest.toAssess, rest.withdrawn]).to.deep.equal([1, 1]);
      // 20, 40 and 60 days; two still wait, for 365 and 267 days.
      expect(whole.waits.medianOfAnswered()).to.equal(40);
      expect(whole.waits.medianOfAll()).to.equal(60);
      expect([whole.waits.answered, whole.waits.waiting]).to.deep.equal([3, 2]);
      expect(await yearsOfIssue(database.db)).to.deep.equal({ first: 2025, last: 2026 });
      await database.close();
    });

    it("counts one of those that are the same: the one the others lead to, or the first that was sent when that one was not", async () => {
      const database = await opened(open, [
        ...SEVEN,
        { reference: "REC-2026-0008", state: "approved", addressee: "associations" },
        { reference: "REC-2026-0009", state: "issued", addressee: "associations", issued_at: "2026-06-02T09:00:00.000Z", sameAs: "REC-2026-0008" },
        { reference: "REC-2026-0010", state: "issued", addressee: "associations", issued_at: "2026-06-01T09:00:00.000Z", sameAs: "REC-2026-0009" },
      ]); // biome-ignore format: one line a recommendation
      const { whole, byAddressee } = await outcomeFigures(database.db, { ...ALL, once: true }, NOW);
      expect(whole.issued).to.equal(5);
      expect(byAddressee.get("police")?.issued).to.equal(2);
      expect(byAddressee.get("associations")?.issued).to.equal(1);
      await database.close();
    });

    it("is what is found one by one in any register, whatever is asked for", async function () {
      this.timeout(120_000);
      const database = await open();
      const author = await authorIn(database.db);
      await fc.assert(
        fc.asyncProperty(lives, async (told) => {
          const tx = await database.db.startTransaction().execute();
          try {
            await tell(tx, author, told);
            for (const scope of scopes) expect(await counted(tx, scope), JSON.stringify(scope)).to.deep.equal(recount(told, scope));
          } finally {
            await tx.rollback().execute();
          }
        }),
        { numRuns: 60 },
      );
      await database.close();
    });

    it("is nothing in an empty register", async () => {
      const database = await open();
      const { whole, byAddressee, byYear } = await outcomeFigures(database.db, ALL, NOW);
      expect([whole.issued, byAddressee.size, byYear.size, whole.waits.medianOfAll()]).to.deep.equal([0, 0, 0, null]);
      expect(await yearsOfIssue(database.db)).to.equal(null);
      await database.close();
    });
  });
