import busboy from "busboy";
import type { RequestHandler } from "express";
import type { Config } from "../config.ts";
import { BadRequest } from "./errors.ts";
import type { UploadedFile } from "./handlers.ts";

declare global {
  namespace Express {
    interface Request {
      /** Files came with the form and were not read: its session had expired. */
      hadFiles?: true;
      /** Nobody is signed in, but a personal link lets files come: this many at most. */
      visitorFiles?: number;
    }
  }
}

/**
 * Reads multipart forms of signed-in people, and of whoever holds a personal link, into `body` and `files`; every other multipart request goes on unread. A file over the limit is
 * kept one byte over it, so that whoever reads files can name the reason next to the field. Of a form whose session expired only the fields
 * are read.
 */
export const uploads =
  ({ maxDocumentBytes }: Config): RequestHandler =>
  (request, _response, next) => {
    request.files = [];
    const admitted = request.user !== undefined || request.visitorFiles !== undefined;
    if (!(admitted || request.lapsed) || !request.is("multipart/form-data")) return next();
    const body: Record<string, string | string[]> = Object.create(null);
    const files: UploadedFile[] = [];
    let over = false;
    let parser: busboy.Busboy;
    try {
      parser = busboy({
        headers: request.headers,
        defParamCharset: "utf8",
        limits: { fileSize: maxDocumentBytes + 1, files: request.visitorFiles ?? 10, fields: 100, fieldSize: 100_000, parts: 120 },
      });
    } catch {
      return next(new BadRequest()); // no boundary
    }
    const stop = (error: unknown) => {
      if (over) return;
      over = true;
      request.unpipe(parser);
      request.resume();
      next(error);
    };
    parser.on("field", (name, value) => {
      const known = body[name];
      body[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
    });
    parser.on("file", (field, stream, { filename }) => {
      if (!admitted) {
        if (filename) request.hadFiles = true;
        return void stream.resume();
      }
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (filename) files.push({ field, name: filename, bytes: Buffer.concat(chunks) });
      });
    });
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) parser.on(limit, () => stop(new BadRequest()));
    parser.on("error", () => stop(new BadRequest()));
    parser.on("close", () => {
      if (over) return;
      over = true;
      request.body = body;
      request.files = files;
      next();
    });
    request.pipe(parser);
  };
