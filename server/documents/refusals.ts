import type { RefusalReason } from "./read-document.ts";

/** Thrown anywhere inside a reader: the document is refused, for this reason. The message holds nothing of the document. */
export class Refusal extends Error {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason) {
    super(reason);
    this.name = "Refusal";
    this.reason = reason;
  }
}

export const refuse = (reason: RefusalReason): never => {
  throw new Refusal(reason);
};
