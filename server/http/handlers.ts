import type { Request, RequestHandler, Response } from "express";
import type {} from "passport"; // adds `user` to requests
import type { z } from "zod";
import type { Db, Tx } from "../../db/schema.ts";
import { type Ability, may } from "../../workflows/abilities.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { Context } from "./context.ts";
import { BadRequest, Conflict, Forbidden, Invalid, NotFound, NotSignedIn } from "./errors.ts";
import { type Problems, problemsOf, type Typed } from "./fields.ts";
import { languageOf, sendConflict, sendView } from "./frame.ts";
import { keepAct, takeKeptAct } from "./kept-acts.ts";
import type { View } from "./views.ts";
import { type Language, type T, translator } from "./words.ts";

/** Whoever is signed in. */
export type Signed = Actor & { name: string; email: string; language: Language };

/** What a handler knows of the conversation it is part of. */
export type Exchange<By = Signed> = {
  by: By;
  language: Language;
  t: T;
  now: string;
  /** Notes an access or act for the audit: ids only, never a text. Written with the act, or before the page is answered. */
  audit: (action: string, kind?: string, id?: string, detail?: Record<string, string | number>) => void;
  context: Context;
  /** The uploaded files of a multipart form. */
  files: readonly UploadedFile[];
};
export type UploadedFile = { field: string; name: string; bytes: Uint8Array };

export type Outcome = {
  to: string;
  flash?: { tone: "success" | "warning" | "error" | "info"; text: string };
  /** What a script that asked for JSON gets instead of the redirect. */
  json?: object;
};
export type Sent = { kind: "file"; type: string; name: string | null; bytes: Uint8Array; inline?: boolean };

type AuditRow = { action: string; kind: string | null; id: string | null; detail: Record<string, string | number> | null };

declare global {
  namespace Express {
    /** Joins Passport's type to ours. */
    interface User extends Signed {}
    interface Request {
      files: readonly UploadedFile[];
      /** The form is one that waited since its session had expired (kept-acts.ts): done, it waits no more. */
      keptAct?: string;
    }
  }
}

const writeAudit = async (db: Db | Tx, rows: readonly AuditRow[], by: Signed | null, now: string, address: string | null) => {
  if (rows.length === 0) return;
  await db
    .insertInto("audit")
    .values(
      rows.map(({ action, kind, id, detail }) => ({
        at: now,
        account_id: by?.id ?? null,
        action,
        object_kind: kind,
        object_id: id,
        result: "done" as const,
        address,
        detail: detail ? JSON.stringify(detail) : null,
      })),
    )
    .execute();
};

/** What was sent, the address before the form: repeated parameters and unknown fields of a form are refused by the schema. */
const inputOf = (request: Request, source: "query" | "body"): Record<string, unknown> => {
  const { _csrf, ...body } = (source === "body" ? (request.body ?? {}) : {}) as Record<string, unknown>;
  return { ...(source === "query" ? request.query : body), ...request.params };
};

const typedOf = (request: Request): Typed => inputOf(request, "body") as Typed;

/**
 * The two kinds of handler of every feature, with what surrounds them: who is signed in, what was sent, the transaction, the audit and the
 * answer. `anyone` as ability opens a page to the public.
 */
export function handlers(context: Context) {
  const { database, clock } = context;

  const exchangeOf = (request: Request, ability: Ability | "anyone", audited: AuditRow[]): Exchange => {
    const by = request.user as Signed | undefined;
    if (ability !== "anyone") {
      if (!by) throw new NotSignedIn();
      if (!may(by, ability)) throw new Forbidden();
    }
    const language = languageOf(request);
    return {
      by: by as Signed, // public pages declare `Exchange<Signed | null>`
      language,
      t: translator(language),
      now: clock().toISOString(),
      audit: (action, kind, id, detail) => audited.push({ action, kind: kind ?? null, id: id ?? null, detail: detail ?? null }),
      context,
      files: request.files ?? [],
    };
  };

  /** GET: reads and draws. The audit rows are written before the page is answered. */
  const page =
    <Schema extends z.ZodType>(
      schema: Schema,
      ability: Ability | "anyone",
      load: (db: Db, input: z.output<Schema>, exchange: Exchange) => Promise<View | Sent | { to: string }>,
    ): RequestHandler =>
    async (request, response) => {
      const audited: AuditRow[] = [];
      const exchange = exchangeOf(request, ability, audited);
      const parsed = schema.safeParse(inputOf(request, "query"));
      if (!parsed.success) throw new BadRequest();
      const answer = await load(database.db, parsed.data, exchange);
      await writeAudit(database.db, audited, exchange.by ?? null, exchange.now, request.ip ?? null);
      if ("kind" in answer) sendFile(response, answer);
      else if ("to" in answer) response.redirect(303, answer.to);
      else sendView(context, request, response, answer);
    };

  /**
   * POST: parse, one transaction, redirect. Input that cannot be taken draws the form again (422) with what was typed; a script that asks
   * for JSON gets the same as JSON.
   */
  const action =
    <Schema extends z.ZodType>(
      schema: Schema,
      ability: Ability | "anyone",
      {
        prepare,
        run,
        again,
        keptAs,
      }: {
        /** Slow work before the transaction, such as reading a file; what `run` needs of it is kept by the exchange. */
        prepare?: (input: z.output<Schema>, exchange: Exchange, db: Db) => Promise<void>;
        /** A page or a file in the place of the redirect: what may be shown once only. */
        run: (tx: Tx, input: z.output<Schema>, exchange: Exchange) => Promise<Outcome | View | Sent>;
        again: (db: Db, typed: Typed, problems: Problems, exchange: Exchange) => Promise<View>;
        /** What the act is about, where a later one makes an earlier one needless: of those kept after a session expired, the last counts. */
        keptAs?: (input: z.output<Schema>) => string;
      },
    ): RequestHandler =>
    async (request, response) => {
      if (request.keepable) return keepForLater(context, request, response, { schema, ability, keptAs: keptAs ?? null });
      const audited: AuditRow[] = [];
      const exchange = exchangeOf(request, ability, audited);
      const wantsJson = request.headers.accept === "application/json";
      const refuse = async (problem: z.ZodError | Invalid) => {
        const problems = problemsOf(problem, exchange.t);
        if (wantsJson) return void response.status(422).json({ problems });
        audited.length = 0;
        const view = await again(database.db, typedOf(request), problems, exchange);
        await writeAudit(database.db, audited, exchange.by ?? null, exchange.now, request.ip ?? null);
        sendView(context, request, response, { ...view, status: view.status === 200 ? 422 : view.status });
      };
      const parsed = schema.safeParse(inputOf(request, "body"));
      if (!parsed.success) {
        if (isForeign(parsed.error, request)) throw new BadRequest();
        return refuse(parsed.error);
      }
      let outcome: Outcome | View | Sent;
      try {
        await prepare?.(parsed.data, exchange, database.db);
        outcome = await database.db.transaction().execute(async (tx) => {
          audited.length = 0;
          const result = await run(tx, parsed.data, exchange);
          if (request.keptAct) {
            // Sent twice at once, it is done once.
            if (!(await takeKeptAct(tx, exchange.by.id, request.keptAct))) throw new NotFound();
            exchange.audit("kept-act-saved", "kept-act", request.keptAct);
          }
          await writeAudit(tx, audited, exchange.by ?? null, exchange.now, request.ip ?? null);
          return result;
        });
      } catch (error) {
        if (error instanceof Invalid) return refuse(error);
        if (error instanceof Conflict) return sendConflict(context, request, response, error, typedOf(request));
        throw error;
      }
      if ("kind" in outcome) return sendFile(response, outcome);
      if ("path" in outcome) return sendView(context, request, response, outcome);
      if (wantsJson) return void response.json(outcome.json ?? { to: outcome.to });
      if (outcome.flash) request.session.flash = outcome.flash;
      response.redirect(303, outcome.to);
    };

  return { page, action };
}

/** A form that no page of ours sends: a field too many, or a name in its address that cannot be one. */
const isForeign = (error: z.ZodError, request: Request): boolean =>
  error.issues.some(({ code, path }) => code === "unrecognized_keys" || (path[0] !== undefined && String(path[0]) in request.params));

/**
 * A form whose session had expired: its fields are kept, and the answer leads to signing in (or back to the page, where the same person has
 * signed in since). A script is told with 401 `{ kept: true, signIn }`.
 */
async function keepForLater<Schema extends z.ZodType>(
  context: Context,
  request: Request,
  response: Response,
  { schema, ability, keptAs }: { schema: Schema; ability: Ability | "anyone"; keptAs: ((input: z.output<Schema>) => string) | null },
): Promise<void> {
  const parsed = schema.safeParse(inputOf(request, "body"));
  if (!parsed.success && isForeign(parsed.error, request)) throw new BadRequest();
  const replaces = parsed.success && keptAs ? keptAs(parsed.data) : null;
  const { place } = await keepAct(context, request, { ability, replaces });
  response.setHeader("Cache-Control", "no-store");
  if (request.user) {
    request.session.waiting = true;
    return response.redirect(303, place);
  }
  const signIn = `/connexion?${new URLSearchParams({ retour: place, garde: "1" })}`;
  if (request.headers.accept === "application/json") return void response.status(401).json({ kept: true, signIn });
  response.redirect(303, signIn);
}

/** RFC 6266: an ASCII name for old programs, the true one for the others. */
const disposition = (name: string | null, inline: boolean): string => {
  const kind = inline ? "inline" : "attachment";
  if (name === null) return kind;
  const plain = name
    .normalize("NFD")
    .replace(/[^\x20-\x7e]/g, "")
    .replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
};

function sendFile(response: Response, { type, name, bytes, inline = false }: Sent): void {
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Disposition", disposition(name, inline));
  response.setHeader("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
  if (!response.hasHeader("Cache-Control")) response.setHeader("Cache-Control", "no-store");
  response.end(bytes);
}
