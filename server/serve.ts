import { createServer, type Server } from "node:http";
import { CannotOpen } from "../db/database.ts";
import { startMail } from "./answers/outbox.ts";
import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { EXPORT_JOB, forgetExpiredExports } from "./exports/queries.ts";
import { exportWorker } from "./exports/work.ts";
import type { Context } from "./http/context.ts";
import { forgetKeptActs } from "./http/kept-acts.ts";
import { forgetOldSessions } from "./http/sessions.ts";
import { startRunner } from "./jobs/runner.ts";

/**
 * Takes the address before anything is opened or made, so that a second start beside the first changes nothing. Until `serve`, requests
 * are asked to come back.
 * @throws CannotOpen when the address cannot be had
 */
export async function listen({ host, port }: Pick<Config, "host" | "port">): Promise<Server> {
  const server = createServer((_request, response) => void response.writeHead(503, { "Retry-After": "1" }).end());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new CannotOpen(`HOST ${host}, PORT ${port}: cannot listen (${error.code}). Nothing was changed.`)),
    );
    server.listen(port, host, resolve);
  });
  return server;
}

/**
 * Answers, and stops cleanly on SIGTERM or SIGINT: no new connection, the requests under way are answered, the database is closed.
 * @param listening from `listen`; else the address of the settings is taken now
 * @throws CannotOpen when the address cannot be had
 */
export async function serve(context: Context, listening?: Server): Promise<Server> {
  const { config, database, clock, log } = context;
  const app = createApp(context);
  const server = listening ?? (await listen(config));
  server.removeAllListeners("request").on("request", app);
  const forgetOld = () =>
    Promise.all([
      forgetOldSessions(database.db, clock()),
      forgetKeptActs(database.db, clock()),
      forgetExpiredExports(database.db, clock()),
    ]);
  await forgetOld();
  const forget = () => forgetOld().catch((error: Error) => log.error({ error: error.name }));
  const hourly = setInterval(() => void forget(), 3_600_000);
  hourly.unref();
  // The work that outlasts a request; what a stopped server left undone is taken up.
  const runner = startRunner(context, { [EXPORT_JOB]: exportWorker });
  const stopMail = startMail(context);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    clearInterval(hourly);
    const handedBack = runner.stop();
    const mailStopped = stopMail();
    server.close(
      () =>
        void Promise.all([handedBack, mailStopped])
          .then(() => database.close())
          .then(() => process.exit(0)),
    );
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return server;
}
