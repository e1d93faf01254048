import type { AuditTable, Db, Tx } from "../../db/schema.ts";

/** Writes one row for an act whose handler is not one of the two usual kinds. Ids only, never what was typed. */
export const writeAudit = async (
  db: Db | Tx,
  row: Pick<AuditTable, "at" | "account_id" | "action" | "result" | "address"> & {
    object?: { kind: string; id: string };
    detail?: Record<string, string | number>;
  },
): Promise<void> => {
  const { object, detail, ...rest } = row;
  await db
    .insertInto("audit")
    .values({ ...rest, object_kind: object?.kind ?? null, object_id: object?.id ?? null, detail: detail ? JSON.stringify(detail) : null })
    .execute();
};

export const AUDIT_PAGE = 100;

/** The latest entries older than `before`, newest first: one more than a page holds when there are more. */
export const listAudit = (db: Db, { action, account, before }: { action: string | null; account: string | null; before: number | null }) =>
  db
    .selectFrom("audit")
    .leftJoin("account", "account.id", "audit.account_id")
    .selectAll("audit")
    .select("account.name")
    .$if(action !== null, (q) => q.where("audit.action", "=", action!))
    .$if(account !== null, (q) => q.where("audit.account_id", "=", account))
    .$if(before !== null, (q) => q.where("audit.id", "<", before!))
    .orderBy("audit.id", "desc")
    .limit(AUDIT_PAGE + 1)
    .execute();
