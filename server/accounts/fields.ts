import { z } from "zod";
import { ROLES } from "../../workflows/actor.ts";
import { Invalid } from "../http/errors.ts";
import { several, text } from "../http/fields.ts";
import { hashPassphrase, LONGEST_PASSPHRASE, passphraseProblem, SHORTEST_PASSPHRASE } from "./passphrases.ts";

/** An e-mail address, in lower case as accounts keep it. */
export const email = () =>
  text(254)
    .transform((typed) => typed.toLowerCase())
    .pipe(
      z
        .string()
        .min(1, "accounts.email.missing")
        .regex(/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/, "accounts.email.invalid"),
    );

export const personName = () => text(120).pipe(z.string().min(1, "accounts.name.missing"));

/** Roles by check boxes: at least one. */
export const roles = () =>
  several(ROLES.length).pipe(z.array(z.enum(ROLES, "http.invalid.choice")).min(1, "accounts.administration.noRole"));

/** A passphrase as it was typed: spaces and all. */
export const passphrase = () => z.string().min(1, "accounts.passphrase.missing").max(2_000, "http.invalid.long");

/**
 * The hash of a newly chosen passphrase, typed twice.
 * @throws Invalid naming `field` or `again`, before any hash is made
 */
export async function hashOfNew(
  field: "new" | "passphrase",
  typed: { passphrase: string; again: string },
  person: { email: string; name: string },
): Promise<string> {
  const problem = passphraseProblem(typed.passphrase, person);
  if (problem) {
    const params = { shortest: SHORTEST_PASSPHRASE, longest: LONGEST_PASSPHRASE };
    throw new Invalid({ [field]: { key: `accounts.passphrase.${problem}`, params } });
  }
  if (typed.again !== typed.passphrase) throw new Invalid({ again: "accounts.passphrase.mismatch" });
  return hashPassphrase(typed.passphrase);
}
