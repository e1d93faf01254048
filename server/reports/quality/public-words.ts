import type { Db, IsoDate, Tx } from "../../../db/schema.ts";
import { Invalid } from "../../http/errors.ts";
import { dayOf } from "../../http/formats.ts";
import { readFile } from "./load.ts";
import { judge, QUALITY_RULES } from "./rules.ts";

/** The rules of public words that leave no doubt: the dates and places of the case itself, and numbers of files and telephones. */
const EXPOSING = ["public_date_of_case", "public_place_of_case", "public_identifier"] as const;
const RULES = QUALITY_RULES.filter(({ code }) => (EXPOSING as readonly string[]).includes(code));

/** What in a public text would give one of these reports' cases away for certain, in the text's own words. */
export async function exposingWords(db: Db | Tx, reportIds: readonly string[], text: string, today: IsoDate): Promise<string[]> {
  const found = new Set<string>();
  for (const id of new Set(reportIds)) {
    const report = await db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirst();
    if (!report) continue;
    const file = await readFile(db, report, today);
    const words = { number: 1, kind: "context", statement: "", publicStatement: text, service: null, knownWhen: null } as const;
    const judged = judge({ ...file, findings: [{ ...words, factors: [], passages: [], entries: [] }], recommendations: [] }, RULES);
    for (const { issues } of judged)
      for (const { params = {} } of issues)
        for (const param of Object.values(params)) if (typeof param === "object" && "said" in param) found.add(param.said);
  }
  return [...found];
}

/**
 * Refuses public words that would give a case away. A draft's words are judged with its file before it is submitted; these are words that come
 * later, or that rest on several files.
 * @throws Invalid on `field`, naming the words
 */
export async function refuseExposing(
  tx: Tx,
  reportIds: readonly string[],
  text: string | null,
  { field, now }: { field: string; now: string },
): Promise<void> {
  if (text === null) return;
  const words = await exposingWords(tx, reportIds, text, dayOf(now));
  if (words.length > 0)
    throw new Invalid({
      [field]: { key: "findings.checks.exposing", params: { list: words.map((one) => `«\u00a0${one}\u00a0»`).join(", ") } },
    });
}
