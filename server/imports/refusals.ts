/** Why a spreadsheet is not taken. */
export type SheetRefusal =
  | "empty"
  | "oversized"
  | "unknown-type"
  | "mislabelled"
  | "encrypted"
  | "damaged"
  | "zip-bomb"
  | "macros"
  | "too-long"
  | "too-heavy"
  | "too-many-lines"
  | "too-many-columns"
  | "no-line";

/** Thrown anywhere inside a reader; the message holds nothing of the file. */
export class RefusedSheet extends Error {
  readonly reason: SheetRefusal;
  constructor(reason: SheetRefusal) {
    super(reason);
    this.name = "RefusedSheet";
    this.reason = reason;
  }
}

export const refuse = (reason: SheetRefusal): never => {
  throw new RefusedSheet(reason);
};
