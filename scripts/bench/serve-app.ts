import { join } from "node:path";
import { pino } from "pino";
import { openDatabase } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import { hashPassphrase } from "../../server/accounts/passphrases.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import { createApp, VERSION } from "../../server/app.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import { readText } from "../../server/documents/read-text.ts";
import type { Context } from "../../server/http/context.ts";
import { prepareDatabase } from "../../server/prepare.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { registerReport, storeDocument } from "../../server/reports/intake.ts";
import { COURTS, DEPARTMENTS } from "../../server/reports/places.ts";
import type { Actor, Role } from "../../workflows/actor.ts";
import { fillReport } from "./large-report.ts";
import { fillRegister } from "./recommendations.ts";

// A child of the bench: the real application, its own encrypted database file, and as many reports as asked for; or, after "register", as
// many recommendations.
const [folder, wanted, register] = process.argv.slice(2);
const count = Number(wanted);
const key = Buffer.alloc(32, 7);
const databaseUrl = `sqlite:${join(folder!, `bench-${count}.db`)}`;
const database = openDatabase(databaseUrl, key);
const clock = () => new Date();
const context: Context = {
  config: {
    host: "127.0.0.1",
    port: 0,
    dataDir: folder!,
    databaseUrl,
    databaseKey: key,
    publicUrl: "http://127.0.0.1",
    trustProxy: 0,
    maxDocumentBytes: 25 * 1024 * 1024,
    logLevel: "silent",
    production: true,
    demo: false,
    observatory: { name: "Observatoire", contact: null, address: [], place: null },
    mail: null,
  },
  database,
  clock,
  log: pino({ level: "silent" }),
  version: VERSION,
};
await prepareDatabase(context);
const now = clock().toISOString();
const passphraseHash = await hashPassphrase("une phrase de passe pour mesurer");
const roles: Role[] = ["analyst", "coordinator"];
const id = await createAccount(database.db, { email: "mesure@essai.invalid", name: "Mesure", passphraseHash, roles, language: "fr", now });
const by: Actor = { id, roles };
const definition = await currentCodebook(database.db);

const KINDS = ["homicide", "attempted_homicide", "forced_suicide"] as const;
let coded = "";
/** A report of 200 pages, coded, on the server with few reports. */
let workspace = "";
await database.db.transaction().execute(async (tx) => {
  if (register) return fillRegister(tx, count, { by, definition, now });
  for (let n = 0; n < count; n++) {
    const day = new Date(Date.UTC(2019, 0, 1) + ((n * 7919) % 2500) * 86_400_000).toISOString().slice(0, 10);
    const department = DEPARTMENTS[n % 101]!;
    const report = await registerReport(
      tx,
      {
        receivedOn: new Date(Date.parse(day) + 40 * 86_400_000).toISOString().slice(0, 10),
        issuingKind: "prosecutor",
        issuingService: `Parquet fictif ${n % 160}`,
        court: COURTS[n % COURTS.length]!.srj,
        department: department.code,
        actDate: day,
        actKind: KINDS[n % 3]!,
        proceedings: "judicial_investigation",
      },
      [
        { kind: "victim", number: 1, sex: "female" },
        { kind: "perpetrator", number: 1, sex: "male" },
      ],
      by,
      now,
    );
    if (n === 0) {
      coded = report;
      const text = "Document fictif de mesure.\n\nUne phrase, puis une autre.";
      await storeDocument(tx, {
        reportId: report,
        fileName: "mesure.txt",
        bytes: new TextEncoder().encode(text),
        document: readText(text),
        by,
        now,
      });
      await applyEvent(tx, { reportId: report, seenVersion: 1, event: { type: "REPORT_ASSIGNED", by }, now, detail: { analyst: id } });
    }
    if (n === 1 && count <= 100) {
      workspace = report;
      await fillReport(tx, report, definition, by, now);
      await applyEvent(tx, { reportId: report, seenVersion: 1, event: { type: "REPORT_ASSIGNED", by }, now, detail: { analyst: id } });
    }
    if (n === 0 || n % 3 !== 0)
      await tx
        .insertInto("assignment")
        .values({ id: newId(), report_id: report, analyst_id: id, layer: 1, assigned_by: id, assigned_at: now, ended_at: null })
        .execute();
  }
});
process.on("SIGINT", () => process.exit(0));
const server = createApp(context).listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as { port: number }).port, report: coded, workspace });
});
