import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CannotOpen } from "../db/database.ts";

/** `address`: lines of the letterhead; `place`: where letters are dated; `contact`: an e-mail address. */
export type Observatory = { name: string; contact: string | null; address: readonly string[]; place: string | null };
/** `tls`: from the first byte, or asked for before anything is said; only a server of this machine may do without. */
export type MailSettings = {
  host: string;
  port: number;
  tls: "implicit" | "required" | "opportunistic";
  user: string | null;
  pass: string | null;
  from: string;
};

/** The settings of one running server. */
export type Config = {
  host: string;
  port: number;
  dataDir: string;
  databaseUrl: string;
  /** 32 bytes for SQLite; null on PostgreSQL, whose host encrypts the volume. */
  databaseKey: Uint8Array | null;
  /** Where people reach the tool; https makes cookies Secure and turns HSTS on. */
  publicUrl: string;
  trustProxy: number;
  maxDocumentBytes: number;
  logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "silent";
  production: boolean;
  /** Who writes the letters and mails, and whom to ask about them. */
  observatory: Observatory;
  /** Null: no mail is sent, everything goes by letters. */
  mail: MailSettings | null;
  /** Demonstration: fictional data, accounts shown on the sign-in page. */
  demo: boolean;
};

/** A setting that cannot be used, with the sentence that names it. */
export class WrongSetting extends Error {
  override name = "WrongSetting";
}

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.number().min(least, `at least ${least}`).max(most, `at most ${most}`));

const ISSUER = "Observatoire national des violences faites aux femmes";
const MAIL_ADDRESS = /^[^\s@<>"]+@[^\s@<>"]+$/;
const SMTP_FORM = "smtps://user:passphrase@host:465 or smtp://user:passphrase@host:587";
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const isDecodable = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== "";
  } catch {
    return false;
  }
};

const settings = z.object({
  HOST: z.string().min(1, "an address to listen on").default("127.0.0.1"),
  PORT: whole(1, 65_535).default(3000),
  DATA_DIR: z.string().min(1, "a folder").default("var"),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, "sqlite:PATH or postgres://…")
    .optional(),
  DATABASE_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "64 hexadecimal characters")
    .optional(),
  PUBLIC_URL: z
    .string()
    .regex(/^https?:\/\/[^/\s]+$/, "an address without a path, such as https://retex.example")
    .optional(),
  TRUST_PROXY: whole(0, 10).default(0),
  MAX_DOCUMENT_MB: whole(1, 200).default(25),
  OBSERVATORY_NAME: z.string().min(1, "the name that letters are signed with").max(200, "at most 200 characters").default(ISSUER),
  OBSERVATORY_ADDRESS: z.string().max(400, "at most 400 characters, lines separated by |").optional(),
  OBSERVATORY_PLACE: z.string().max(80, "the name of a town").optional(),
  OBSERVATORY_CONTACT: z.string().regex(MAIL_ADDRESS, "an e-mail address").optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/([^\s/@]+@)?[^\s/@]+$/, SMTP_FORM)
    .refine(isDecodable, SMTP_FORM)
    .transform((given) => URL.parse(given))
    .pipe(z.instanceof(URL, { error: SMTP_FORM }))
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^\s@<>"]+@[^\s@<>"]+|[^<>"\r\n]+ <[^\s@<>"]+@[^\s@<>"]+>)$/,
      "an e-mail address, or a name and an address as in Name <name@host>",
    )
    .optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "silent"], "fatal, error, warn, info, debug or silent").default("info"),
  NODE_ENV: z.string().optional(),
});

/** @throws WrongSetting when one of the settings that mail needs is missing */
function mailSettings(
  { SMTP_URL: url, MAIL_FROM: from, PUBLIC_URL: publicUrl }: z.output<typeof settings>,
  demo: boolean,
): MailSettings | null {
  if (!url) return null;
  if (!from) throw new WrongSetting("The setting MAIL_FROM is wrong: it must be given when SMTP_URL is.");
  // Links in mails lead to it: an address of this machine would lead nowhere.
  if (!publicUrl && !demo) throw new WrongSetting("The setting PUBLIC_URL is wrong: it must be given when SMTP_URL is.");
  const implicit = url.protocol === "smtps:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (implicit ? 465 : 587),
    tls: implicit ? "implicit" : LOOPBACK.test(url.hostname) ? "opportunistic" : "required",
    user: decodeURIComponent(url.username) || null,
    pass: decodeURIComponent(url.password) || null,
    from,
  };
}

/** Settings as the environment gives them; the key in its hexadecimal form, when it is given there. */
export type Settings = Omit<Config, "databaseKey"> & { givenKey: string | null };

/** Reads the environment once; touches no file. @throws WrongSetting naming the variable */
export function readSettings(environment: NodeJS.ProcessEnv, fixed: { demo?: boolean } = {}): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in settings.shape && value !== ""));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new WrongSetting(`The setting ${String(issue.path[0])} is wrong: it must be ${issue.message}.`);
  }
  const s = parsed.data;
  const dataDir = resolve(s.DATA_DIR);
  const databaseUrl = s.DATABASE_URL ?? `sqlite:${join(dataDir, "retex.db")}`;
  return {
    host: s.HOST,
    port: s.PORT,
    dataDir,
    databaseUrl,
    givenKey: s.DATABASE_KEY ?? null,
    publicUrl: s.PUBLIC_URL ?? `http://${s.HOST.includes(":") ? `[${s.HOST}]` : s.HOST}:${s.PORT}`,
    trustProxy: s.TRUST_PROXY,
    maxDocumentBytes: s.MAX_DOCUMENT_MB * 1024 * 1024,
    logLevel: s.LOG_LEVEL,
    production: s.NODE_ENV === "production",
    observatory: {
      name: s.OBSERVATORY_NAME,
      contact: s.OBSERVATORY_CONTACT ?? null,
      address: (s.OBSERVATORY_ADDRESS ?? "").split("|").flatMap((line) => line.trim() || []),
      place: s.OBSERVATORY_PLACE ?? null,
    },
    mail: mailSettings(s, fixed.demo ?? false),
    demo: fixed.demo ?? false,
  };
}

/**
 * The settings with the key of an SQLite database: from DATABASE_KEY, or from the file `key` in DATA_DIR, which a first start creates with
 * mode 600.
 * @throws CannotOpen when the folder or the key file is not usable
 */
export function withDatabaseKey({ givenKey, ...settings }: Settings): Config {
  if (!settings.databaseUrl.startsWith("sqlite:")) return { ...settings, databaseKey: null };
  return { ...settings, databaseKey: givenKey ? Buffer.from(givenKey, "hex") : keyFile(settings) };
}

function keyFile({ dataDir, databaseUrl }: Pick<Config, "dataDir" | "databaseUrl">): Uint8Array {
  const path = join(dataDir, "key");
  if (existsSync(path)) {
    if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0)
      throw new CannotOpen("The key file `key` in DATA_DIR can be read by others: give it mode 600. Nothing was changed.");
    const hex = readFileSync(path, "utf8").trim();
    if (!/^[0-9a-fA-F]{64}$/.test(hex))
      throw new CannotOpen("The key file `key` in DATA_DIR is not 64 hexadecimal characters. Nothing was changed.");
    return Buffer.from(hex, "hex");
  }
  if (existsSync(databaseUrl.slice("sqlite:".length)))
    throw new CannotOpen(
      "The database exists but its key is missing: put back the file `key` in DATA_DIR or set DATABASE_KEY. Nothing was changed.",
    );
  const key = randomBytes(32);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${key.toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new CannotOpen(`DATA_DIR cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown reason"}). Nothing was changed.`);
  }
  return key;
}
