import type { Db, ReportTable, Side, Tx } from "../../db/schema.ts";
import { rolesWith } from "../../workflows/abilities.ts";
import type { Role } from "../../workflows/actor.ts";
import { Invalid } from "../http/errors.ts";
import { foldText } from "../reports/fold.ts";
import { viewpointOf } from "./viewpoint.ts";

export type Person = { id: string; name: string; roles: Role[] };

/** Everybody who works on cases and may be named in a question, by name. */
export async function listCaseWorkers(db: Db | Tx): Promise<Person[]> {
  const rows = await db
    .selectFrom("account")
    .innerJoin("account_role", "account_role.account_id", "account.id")
    .select(["account.id", "account.name", "account_role.role"])
    .where("account.disabled_at", "is", null)
    .where("account_role.role", "in", [...rolesWith("readCases")])
    .orderBy("account.name")
    .orderBy("account.id")
    .execute();
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((group) => ({
    id: group[0]!.id,
    name: group[0]!.name,
    roles: group.map(({ role }) => role),
  }));
}

export type Mention = { accountId: string; written: string };
const LETTER = /[\p{L}\p{N}]/u;

/**
 * Who is named by "@Name" in a text, in its order; a sign "@" within a word names nobody.
 * @throws Invalid for "text" when a name is nobody's: the question would reach nobody
 */
export function namedIn(text: string, people: readonly Person[]): Mention[] {
  const longestFirst = [...people].sort((a, b) => b.name.length - a.name.length);
  const found = new Map<string, Mention>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const rest = text.slice(at + 1);
    if (LETTER.test(text[at - 1] ?? " ") || !LETTER.test(rest[0] ?? " ")) continue;
    const same = ({ name }: Person) => foldText(rest.slice(0, name.length)) === foldText(name) && !LETTER.test(rest[name.length] ?? " ");
    const first = longestFirst.find(same);
    if (!first) {
      const written = /^[\p{L}\p{N}’'-]+(?: \p{Lu}[\p{L}’'-]*)?/u.exec(rest)?.[0] ?? rest.slice(0, 20);
      throw new Invalid({ text: { key: "questions.problem.unknownName", params: { name: written } } });
    }
    // Two people of the same name are both told.
    for (const { id } of people.filter(({ name }) => foldText(name) === foldText(first.name)))
      found.set(id, { accountId: id, written: rest.slice(0, first.name.length) });
  }
  return [...found.values()];
}

/**
 * Refuses to name somebody who may not read what is said: while two code blind, neither the other coder nor anybody else learns by a
 * question what one of them does.
 * @throws Invalid for "text" or "to"
 */
export async function refuseBlindMentions(
  tx: Tx,
  report: Pick<ReportTable, "id" | "coding_mode">,
  side: Side,
  named: readonly (Mention & { field: "text" | "to" })[],
  people: readonly Person[],
): Promise<void> {
  for (const { accountId, field } of named) {
    const person = people.find(({ id }) => id === accountId);
    if (!person) throw new Invalid({ [field]: "http.invalid.choice" });
    if (!(await viewpointOf(tx, report, person)).reads({ side }))
      throw new Invalid({ [field]: { key: "questions.problem.blindMention", params: { name: person.name } } });
  }
}
