import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { TooMany } from "../http/errors.ts";
import { network } from "../http/network.ts";
import { digestOf } from "./queries.ts";

const WINDOW_SECONDS = 15 * 60;

/** How often one may fail within the window, and how long each further try then waits: doubling, up to a longest wait. */
type Limit = { name: string; free: number; first: number; longest: number };
/** One person's mistakes, or one guesser: slowed down hard. */
const PERSON_AND_ADDRESS: Limit = { name: "pair", free: 10, first: 30, longest: WINDOW_SECONDS };
/** All who try one account, from wherever: slowed down a little, so that nobody can keep the owner out. */
const PERSON: Limit = { name: "person", free: 10, first: 5, longest: 60 };
/** One place that tries many accounts; an office behind one address has room. */
const ADDRESS: Limit = { name: "address", free: 100, first: 60, longest: WINDOW_SECONDS };

/**
 * Counts tries of passphrases, whether or not the account exists. A try is counted before the passphrase is checked, so that many at once
 * gain nothing, and taken back when it succeeds.
 */
export function attemptLimits() {
  const counts = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_SECONDS });
  const gates = new RateLimiterMemory({ points: 1, duration: WINDOW_SECONDS });
  const keysOf = (email: string, from: string): readonly [Limit, string][] => {
    const person = email.trim().toLowerCase();
    return [
      [ADDRESS, digestOf(network(from))],
      [PERSON_AND_ADDRESS, digestOf(`${person}\n${network(from)}`)],
      [PERSON, digestOf(person)],
    ];
  };

  const pass = async (limit: Limit, key: string): Promise<void> => {
    const { consumedPoints } = await counts.penalty(key);
    if (consumedPoints < limit.free) return;
    const customDuration = Math.min(limit.longest, limit.first * 2 ** (consumedPoints - limit.free));
    try {
      await gates.consume(key, 1, { customDuration });
    } catch (refused) {
      await counts.reward(key);
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw new TooMany(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
    }
  };

  return {
    /** Lets one try through, and counts it. @throws TooMany with the seconds to wait */
    admit: async (email: string, from: string): Promise<void> => {
      const passed: string[] = [];
      for (const [limit, suffix] of keysOf(email, from)) {
        const key = `${limit.name}:${suffix}`;
        try {
          await pass(limit, key);
          passed.push(key);
        } catch (error) {
          // A try that was not made counts nowhere.
          for (const earlier of passed) await counts.reward(earlier);
          throw error;
        }
      }
    },
    /** The person got in: their mistakes are forgotten; the address keeps those made on other accounts. */
    succeeded: async (email: string, from: string): Promise<void> => {
      for (const [limit, suffix] of keysOf(email, from)) {
        const key = `${limit.name}:${suffix}`;
        if (limit === ADDRESS) await counts.reward(key);
        else await Promise.all([counts.delete(key), gates.delete(key)]);
      }
    },
  };
}
export type AttemptLimits = ReturnType<typeof attemptLimits>;
