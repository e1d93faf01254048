import { readFileSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "../db/migrate.ts";
import { publishCodebook } from "./codebook/store.ts";
import type { Context } from "./http/context.ts";
import { storeReferenceFigures } from "./observatory/reference-figures.ts";

const DATA = join(import.meta.dirname, "../db/data");

/** Brings an empty or older database to this version: schema, first codebook, reference figures. @throws CannotOpen */
export async function prepareDatabase({ database, clock }: Pick<Context, "database" | "clock">): Promise<void> {
  await migrate(database);
  const now = clock().toISOString();
  await database.db.transaction().execute(async (tx) => {
    await publishCodebook(tx, readFileSync(join(DATA, "codebook-1.0.0.yaml"), "utf8"), now);
    await storeReferenceFigures(tx, readFileSync(join(DATA, "reference-figures.yaml"), "utf8"));
  });
}
