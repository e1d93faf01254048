import { randomBytes } from "node:crypto";

/** A new random id: 128 bits from the system generator, 22 URL-safe characters. */
export const newId = (): string => randomBytes(16).toString("base64url");
