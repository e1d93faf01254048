import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { Database } from "../../db/database.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import { createApp, VERSION } from "../../server/app.ts";
import type { Config } from "../../server/config.ts";
import type { Context } from "../../server/http/context.ts";
import type { Role } from "../../workflows/actor.ts";
import { clock, DATABASES } from "./databases.ts";

export const TEST_CONFIG: Config = {
  host: "127.0.0.1",
  port: 0,
  dataDir: "/nowhere",
  databaseUrl: "sqlite::memory:",
  databaseKey: null,
  publicUrl: "http://127.0.0.1",
  trustProxy: 0,
  maxDocumentBytes: 25 * 1024 * 1024,
  logLevel: "silent",
  production: false,
  demo: false,
  observatory: { name: "Observatoire d’essai", contact: "contact@observatoire.invalid", address: [], place: null },
  mail: null,
};

export type RunningApp = { context: Context; database: Database; url: string; close: () => Promise<void> };

/** The real application on a fresh database, listening on a free port of this machine. `time` is its clock, for suites that move it. */
export async function startApp(settings: Partial<Config> = {}, open = DATABASES.SQLite, time = clock): Promise<RunningApp> {
  const database = await open();
  const context: Context = {
    config: { ...TEST_CONFIG, ...settings },
    database,
    clock: time,
    log: pino({ level: "silent" }),
    version: VERSION,
  };
  const server = await new Promise<Server>((resolve) => {
    const listening = createApp(context).listen(0, "127.0.0.1", () => resolve(listening));
  });
  return {
    context,
    database,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await database.close();
    },
  };
}

export const PASSPHRASE = "une phrase de passe pour les essais";
// One argon2id hash of PASSPHRASE at the lowest cost the tool accepts: sign-in stays real, tests stay quick.
let hashed: Promise<string> | undefined;
const passphraseHash = async (): Promise<string> => {
  hashed ??= import("@node-rs/argon2").then(({ hash }) => hash(PASSPHRASE, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }));
  return hashed;
};

let people = 0;
/** A new account with these roles; returns its id and e-mail. */
export async function createPerson(database: Database, ...roles: Role[]): Promise<{ id: string; email: string; roles: Role[] }> {
  const email = `personne${++people}@essai.invalid`;
  const id = await createAccount(database.db, {
    email,
    name: `Personne ${people}`,
    passphraseHash: await passphraseHash(),
    roles,
    language: "fr",
    now: clock().toISOString(),
  });
  return { id, email, roles };
}

/** A browser without a screen: keeps cookies, finds the token of the page it last opened, does not follow redirects. */
export class Visitor {
  readonly #url: string;
  #cookies = new Map<string, string>();
  #token = "";
  constructor(url: string) {
    this.#url = url;
  }

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
  set cookies(header: string) {
    this.#cookies = new Map(
      header
        .split("; ")
        .filter(Boolean)
        .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  }

  async request(
    method: string,
    path: string,
    body?: URLSearchParams | FormData,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; location: string | null; text: string; headers: Headers; bytes: Uint8Array }> {
    const response = await fetch(this.#url + path, {
      method,
      redirect: "manual",
      headers: { cookie: this.cookies, ...headers },
      ...(body && { body }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair] = cookie.split(";");
      const at = pair!.indexOf("=");
      if (/expires=Thu, 01 Jan 1970/i.test(cookie)) this.#cookies.delete(pair!.slice(0, at));
      else this.#cookies.set(pair!.slice(0, at), pair!.slice(at + 1));
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1];
    if (token) this.#token = token;
    return { status: response.status, location: response.headers.get("location"), text, headers: response.headers, bytes };
  }

  get(path: string, headers: Record<string, string> = {}) {
    return this.request("GET", path, undefined, headers);
  }

  /** Posts a form as a page would, with the token of the last page; lists become repeated fields. */
  post(path: string, fields: Record<string, string | string[]> = {}, headers: Record<string, string> = {}) {
    const body = new URLSearchParams({ _csrf: this.#token });
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    return this.request("POST", path, body, headers);
  }

  /** Posts a form with files. */
  upload(path: string, fields: Record<string, string>, files: { field: string; name: string; bytes: Uint8Array }[]) {
    const body = new FormData();
    body.append("_csrf", this.#token);
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    for (const { field, name, bytes } of files) body.append(field, new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
    return this.request("POST", path, body);
  }

  /** Signs in through the real page. */
  async signIn(email: string, passphrase = PASSPHRASE): Promise<void> {
    await this.get("/connexion");
    const { status, text } = await this.post("/connexion", { email, passphrase, retour: "" });
    if (status !== 303) throw new Error(`Sign-in answered ${status}: ${text.slice(0, 300)}`);
    await this.get("/compte"); // the token of the new session
  }
}

/** Somebody with these roles, signed in. */
export async function visitorWith(
  app: RunningApp,
  ...roles: Role[]
): Promise<Visitor & { person: { id: string; email: string; roles: Role[] } }> {
  const person = await createPerson(app.database, ...roles);
  const visitor = new Visitor(app.url);
  await visitor.signIn(person.email);
  return Object.assign(visitor, { person });
}
