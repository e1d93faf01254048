import { expect } from "chai";
import { pino } from "pino";
import type { Database } from "../../db/database.ts";
import { VERSION } from "../../server/app.ts";
import type { Context } from "../../server/http/context.ts";
import { dropJob, LEASE_MS, MOST_ATTEMPTS, queueJob, retryJob, takeJob } from "../../server/jobs/queue.ts";
import { JobFailed, type Runner, startRunner, type Work, wakeRunners } from "../../server/jobs/runner.ts";
import { TEST_CONFIG } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`work in the background on ${name}`, () => {
    let database: Database;
    let time: number;
    let runners: Runner[];
    const contextOf = (): Context => ({
      config: TEST_CONFIG,
      database,
      clock: () => new Date(time),
      log: pino({ level: "silent" }),
      version: VERSION,
    });
    const now = () => new Date(time).toISOString();
    const start = (work: (work: Work) => Promise<void>): Runner => {
      const runner = startRunner(contextOf(), { count: work });
      runners.push(runner);
      return runner;
    };
    const queue = (payload: object = {}) =>
      database.db.transaction().execute((tx) => queueJob(tx, { kind: "count", payload, by: null, now: now() }));
    const jobOf = (id: string) => database.db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const nothing = async () => {};

    before(async () => {
      database = await open();
    });
    after(() => database.close());
    beforeEach(() => {
      time = clock().getTime();
      runners = [];
    });
    afterEach(async () => {
      for (const runner of runners) await runner.stop();
      await database.db.deleteFrom("job").execute();
    });

    it("is done once, says how far it is, and writes what it made with its end", async () => {
      const seen: number[] = [];
      const id = await queue({ n: 3 });
      const runner = start(async ({ payload, step, finish }) => {
        for (let n = 1; n <= (payload as { n: number }).n; n++) {
          await step(n / 4);
          seen.push((await jobOf(id)).progress);
        }
        await finish(async (tx) => {
          await tx.insertInto("counter").values({ kind: "report", year: 1999, last: 3 }).execute();
        });
      });
      await runner.idle();
      expect(seen).to.deep.equal([0.25, 0.5, 0.75]);
      expect(await jobOf(id)).to.include({ state: "done", progress: 1, attempts: 1, runner: null, leased_until: null, finished_at: now() });
      expect(await database.db.selectFrom("counter").selectAll().where("year", "=", 1999).execute()).to.have.length(1);
    });

    it("is shared out: of two servers, each job is one's alone", async () => {
      const ids = [];
      for (let n = 0; n < 24; n++) ids.push(await queue({ n }));
      const done: number[] = [];
      const work = async ({ payload, step, finish }: Work) => {
        await step(0.5);
        done.push((payload as { n: number }).n);
        await finish(nothing);
      };
      await Promise.all([start(work), start(work), start(work)].map((runner) => runner.idle()));
      expect([...done].sort((a, b) => a - b)).to.deep.equal(ids.map((_, n) => n));
      for (const id of ids) expect(await jobOf(id)).to.include({ state: "done", attempts: 1 });
    });

    it("is begun oldest first, and only work of kinds that the server knows", async () => {
      const other = await database.db.transaction().execute((tx) => queueJob(tx, { kind: "unknown", payload: {}, by: null, now: now() }));
      time += 1000;
      const first = await queue({ n: 1 });
      time += 1000;
      const second = await queue({ n: 2 });
      const order: number[] = [];
      await start(async ({ payload, finish }) => {
        order.push((payload as { n: number }).n);
        await finish(nothing);
      }).idle();
      expect(order).to.deep.equal([1, 2]);
      for (const id of [first, second]) expect((await jobOf(id)).state).to.equal("done");
      expect((await jobOf(other)).state).to.equal("queued");
    });

    it("is taken up when its server died, and what the dead one would still write is void", async () => {
      const id = await queue();
      let goOn = () => {};
      const written: string[] = [];
      const work =
        (who: string, wait: boolean) =>
        async ({ finish }: Work) => {
          if (wait) await new Promise<void>((resolve) => (goOn = resolve));
          await finish(async () => {
            written.push(who);
          });
        };
      const slow = start(work("slow", true));
      while ((await jobOf(id)).state !== "running") await new Promise((resolve) => setImmediate(resolve));
      // Within its lease nobody else touches it.
      const quick = start(work("quick", false));
      await quick.idle();
      expect(written).to.deep.equal([]);
      time += LEASE_MS + 1;
      quick.wake();
      await quick.idle();
      expect(await jobOf(id)).to.include({ state: "done", attempts: 2 });
      goOn();
      await slow.idle();
      expect(written).to.deep.equal(["quick"]);
    });

    it("is given up when its server dies at it again and again", async () => {
      const id = await queue();
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        expect((await takeJob(database.db, ["count"], `server ${attempt}`, now()))?.attempts).to.equal(attempt);
        time += LEASE_MS + 1;
      }
      expect(await takeJob(database.db, ["count"], "the next one", now())).to.equal(null);
      expect(await jobOf(id)).to.include({ state: "failed", failure: "interrupted" });
    });

    it("is handed back by a server that stops, and does not count as begun", async () => {
      const id = await queue();
      const runner = start(async ({ step }) => {
        for (let n = 0; ; n++) await step(Math.min(0.9, n / 10));
      });
      while ((await jobOf(id)).progress < 0.5) await new Promise((resolve) => setImmediate(resolve));
      await runner.stop();
      expect(await jobOf(id)).to.include({ state: "queued", attempts: 0, progress: 0, runner: null });
      await start(({ finish }) => finish(nothing)).idle();
      expect(await jobOf(id)).to.include({ state: "done", attempts: 1 });
    });

    it("is handed back by a server that stops while it takes it", async () => {
      const id = await queue();
      const runner = start(() => new Promise(() => {}));
      // The first look is under way: nothing was begun yet when the server is asked to stop.
      await runner.stop();
      expect(await jobOf(id)).to.include({ state: "queued", attempts: 0, runner: null });
    });

    it("is let go by a server that stops even where it does not look up", async () => {
      const id = await queue();
      const runner = start(() => new Promise(() => {}));
      while ((await jobOf(id)).state !== "running") await new Promise((resolve) => setImmediate(resolve));
      await runner.stop();
      expect((await jobOf(id)).state).to.equal("queued");
    });

    it("fails with its reason, is not begun again by itself, and can be tried again", async () => {
      const id = await queue();
      let broken = true;
      const runner = start(async ({ finish }) => {
        if (broken) throw new JobFailed("too-heavy");
        await finish(nothing);
      });
      await runner.idle();
      runner.wake();
      await runner.idle();
      expect(await jobOf(id)).to.include({ state: "failed", failure: "too-heavy", attempts: 1 });
      broken = false;
      expect(await database.db.transaction().execute((tx) => retryJob(tx, id))).to.equal(true);
      expect(await database.db.transaction().execute((tx) => retryJob(tx, id)), "it waits already").to.equal(false);
      wakeRunners({ database });
      await runner.idle();
      expect((await jobOf(id)).state).to.equal("done");
    });

    it("fails when it throws or ends without an end, and leaves nothing half written", async () => {
      const [thrown, endless] = [await queue({ what: "throws" }), await queue({ what: "ends" })];
      await start(async ({ payload, finish }) => {
        if ((payload as { what: string }).what === "throws")
          await finish(async (tx) => {
            await tx.insertInto("counter").values({ kind: "report", year: 1998, last: 1 }).execute();
            throw new Error("while it wrote");
          });
      }).idle();
      for (const id of [thrown, endless]) expect(await jobOf(id)).to.include({ state: "failed", failure: "failed" });
      expect(await database.db.selectFrom("counter").selectAll().where("year", "=", 1998).execute()).to.deep.equal([]);
    });

    it("is dropped by whoever asked for it: what it made is void", async () => {
      const id = await queue();
      const written: string[] = [];
      await start(async ({ finish }) => {
        await database.db.transaction().execute((tx) => dropJob(tx, id, now()));
        await finish(async () => {
          written.push("too late");
        });
      }).idle();
      expect(written).to.deep.equal([]);
      expect(await jobOf(id)).to.include({ state: "failed", failure: "dropped" });
    });
  });
