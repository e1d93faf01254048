import { expect } from "chai";
import { attemptLimits } from "../../server/accounts/attempts.ts";
import { TooMany } from "../../server/http/errors.ts";

const EMAIL = "personne@essai.invalid";
const GUESSER = "192.0.2.1";
const OFFICE = "198.51.100.7";

describe("tries of passphrases", () => {
  /** Seconds to wait; 0 when the try is let through. */
  const wait = async (limits: ReturnType<typeof attemptLimits>, email: string, from: string): Promise<number> => {
    try {
      await limits.admit(email, from);
      return 0;
    } catch (error) {
      if (error instanceof TooMany) return error.seconds;
      throw error;
    }
  };
  const times = async (n: number, act: (n: number) => Promise<number>) => {
    const waits: number[] = [];
    for (let i = 0; i < n; i++) waits.push(await act(i));
    return waits;
  };

  it("are free ten times, then wait", async () => {
    const limits = attemptLimits();
    expect(await times(10, () => wait(limits, EMAIL, GUESSER))).to.deep.equal(Array(10).fill(0));
    expect(await wait(limits, EMAIL, GUESSER)).to.be.within(29, 30);
    expect(await wait(limits, ` ${EMAIL.toUpperCase()}`, GUESSER)).to.be.within(29, 30);
  });

  it("wait a little from every other address too, never more than a minute: nobody can lock the owner out", async () => {
    const limits = attemptLimits();
    expect(await times(10, (n) => wait(limits, EMAIL, `192.0.2.${n}`))).to.deep.equal(Array(10).fill(0));
    expect(await wait(limits, EMAIL, OFFICE)).to.be.within(1, 5);
    await times(500, (n) => wait(limits, EMAIL, `203.0.113.${n % 250}`));
    expect(await wait(limits, EMAIL, OFFICE)).to.be.within(1, 60);
  });

  it("that were refused do not count, so that impatience costs nothing", async () => {
    const limits = attemptLimits();
    await times(10, () => wait(limits, EMAIL, GUESSER));
    const waits = await times(50, () => wait(limits, EMAIL, GUESSER));
    expect(Math.max(...waits)).to.be.at.most(30);
  });

  it("sent all at once gain nothing", async () => {
    const limits = attemptLimits();
    const waits = await Promise.all(Array.from({ length: 60 }, () => wait(limits, EMAIL, GUESSER)));
    expect(waits.filter((seconds) => seconds === 0)).to.have.length(10);
  });

  it("are forgotten when the person gets in", async () => {
    const limits = attemptLimits();
    await times(10, () => wait(limits, EMAIL, OFFICE));
    await limits.succeeded(EMAIL, OFFICE);
    expect(await times(10, () => wait(limits, EMAIL, OFFICE))).to.deep.equal(Array(10).fill(0));
  });

  it("on many accounts from one place wait after a hundred; other places and the other accounts do not", async () => {
    const limits = attemptLimits();
    const waits = await times(101, (n) => wait(limits, `personne${n}@essai.invalid`, GUESSER));
    expect(waits.slice(0, 100)).to.deep.equal(Array(100).fill(0));
    expect(waits[100]).to.be.within(59, 60);
    expect(await wait(limits, "autre@essai.invalid", OFFICE)).to.equal(0);
  });

  it("from one IPv6 network count as from one place", async () => {
    const limits = attemptLimits();
    await times(10, (n) => wait(limits, EMAIL, `2001:db8:0:7::${n}`));
    expect(await wait(limits, EMAIL, "2001:db8:0:7:ffff:1:2:3")).to.be.within(29, 30);
    expect(await wait(limits, EMAIL, "2001:db8:0:8::1")).to.be.within(1, 5);
  });
});
