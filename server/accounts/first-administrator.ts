import type { Context } from "../http/context.ts";
import { createToken, hasAccounts } from "./queries.ts";

/**
 * The link that creates the first administrator, made anew at each start while there is no account at all: one use, 24 hours, and earlier
 * ones die. Null once an account exists.
 */
export async function firstAdministratorLink({ config, database, clock }: Context): Promise<string | null> {
  const secret = await database.db.transaction().execute(async (tx) => {
    if (await hasAccounts(tx)) return null;
    return createToken(tx, {
      kind: "first_administrator",
      email: null,
      name: null,
      roles: ["administrator"],
      createdBy: null,
      now: clock().toISOString(),
      hours: 24,
    });
  });
  return secret && `${config.publicUrl}/premier-administrateur/${secret}`;
}
