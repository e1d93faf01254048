import { openDatabase } from "../db/database.ts";
import { createAccount } from "../server/accounts/queries.ts";
import { replayGold } from "../server/coding/gold.ts";
import { prepareDatabase } from "../server/prepare.ts";

// npm run gold -- FOLDER: every reference coding of a folder through the functions of the pages, in memory; JSON on the output.
const folder = process.argv[2];
if (!folder) {
  console.error("Usage: npm run gold -- FOLDER   (a folder of documents with gold/*.yaml, as test/samples)");
  process.exit(2);
}
const clock = () => new Date();
const now = clock().toISOString();
const database = openDatabase("sqlite::memory:");
try {
  await prepareDatabase({ database, clock });
  const account = async (role: "analyst" | "coordinator") => ({
    id: await createAccount(database.db, {
      email: `${role}@gold.invalid`,
      name: role,
      passphraseHash: "$argon2id$nobody-signs-in-with-this",
      roles: [role],
      language: "fr",
      now,
    }),
    roles: [role],
  });
  const people = { analyst: await account("analyst"), coordinator: await account("coordinator") };
  const result = await replayGold(folder, database, people, now);
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = result.missed.length > 0 ? 1 : 0;
} finally {
  await database.close();
}
