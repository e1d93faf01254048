import { type Kysely, type RawBuilder, sql } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import type { Schema } from "../../db/schema.ts";
import { foldText } from "../reports/fold.ts";

/** What is searched of a recommendation: its reference, the receipt number of its report and its words, folded. Kept on its row. */
export const searchedText = (reference: string, reportId: string | null, text: string): string =>
  foldText(`${reference} ${reportId ?? ""} ${text}`);

/** Condition: every word of a typed text stands in `recommendation.folded`, wherever; wildcards are letters like others. */
export function textFound(db: Kysely<Schema>, typed: string): RawBuilder<boolean> {
  const words = foldText(typed).split(" ").filter(Boolean);
  const found = dialectOf(db) === "sqlite" ? sql`instr` : sql`strpos`;
  return sql<boolean>`(${sql.join(
    words.length === 0 ? [sql`1 = 1`] : words.map((word) => sql`${found}(recommendation.folded, ${word}) > 0`),
    sql` and `,
  )})`;
}
