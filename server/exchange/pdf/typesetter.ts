import { setReceived } from "./compile.ts";
import { printableDocument } from "./printable-document.ts";

/** The child process that sets one document. */
setReceived(new URL("document.typ", import.meta.url), printableDocument);
