import type { Key, Language } from "./words.ts";

/** The address, or what it names, does not exist for this person. */
export class NotFound extends Error {
  override name = "NotFound";
}
/** Signed in, but without the ability. */
export class Forbidden extends Error {
  override name = "Forbidden";
}
/** Nobody is signed in. */
export class NotSignedIn extends Error {
  override name = "NotSignedIn";
}
/** A request that no page of ours sends. */
export class BadRequest extends Error {
  override name = "BadRequest";
}
export class TooMany extends Error {
  override name = "TooMany";
  readonly seconds: number;
  constructor(seconds: number) {
    super();
    this.seconds = seconds;
  }
}
/** Typed input that cannot be taken: messages by field name, as keys of the words. The form comes back with what was typed. */
export class Invalid extends Error {
  override name = "Invalid";
  readonly fields: Record<string, Message>;
  constructor(fields: Record<string, Message>) {
    super();
    this.fields = fields;
  }
}
export type Message = Key | { key: Key; params: Record<string, string | number> };

/** An act that the rules refuse, with the reasons in words. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly reasons: (language: Language) => string[];
  /** Where the person can read on. */
  readonly back: string;
  constructor(reasons: (language: Language) => string[], back: string) {
    super();
    this.reasons = reasons;
    this.back = back;
  }
}

/** One entry of what happened meanwhile. */
export type Happened = { at: string; iso: string; who: string; what: string; why: string | null };

/** Somebody else acted on the same version first. `happened` reads what they did, outside the failed transaction. */
export class Conflict<Reader = never> extends Error {
  override name = "Conflict";
  readonly happened: (db: Reader, language: Language) => Promise<Happened[]>;
  readonly back: string;
  constructor(happened: (db: Reader, language: Language) => Promise<Happened[]>, back: string) {
    super();
    this.happened = happened;
    this.back = back;
  }
}
