import type { Server } from "node:http";
import { CannotOpen } from "../db/database.ts";
import { learnFromRows } from "../db/dialect.ts";
import { createApp } from "./app.ts";
import type { Context } from "./http/context.ts";
import { forgetOldSessions } from "./http/sessions.ts";

/**
 * Listens, and stops cleanly on SIGTERM or SIGINT: no new connection, the requests under way are answered, the database is closed.
 * @throws CannotOpen when the address cannot be had
 */
export async function serve(context: Context): Promise<Server> {
  const { config, database, clock, log } = context;
  const app = createApp(context);
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = app.listen(config.port, config.host, (error?: Error) => {
      if (error)
        reject(new CannotOpen(`HOST ${config.host}, PORT ${config.port}: cannot listen (${(error as NodeJS.ErrnoException).code}).`));
      else resolve(listening);
    });
  });
  await forgetOldSessions(database.db, clock());
  const housekeeping = async () => {
    await forgetOldSessions(database.db, clock());
    await learnFromRows(database.db, false);
  };
  const hourly = setInterval(() => void housekeeping().catch((error: Error) => log.error({ error: error.name })), 3_600_000);
  hourly.unref();
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    clearInterval(hourly);
    server.close(() => void database.close().then(() => process.exit(0)));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return server;
}
