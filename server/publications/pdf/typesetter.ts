import { setReceived } from "../../exchange/pdf/compile.ts";
import { prepareLetter } from "./prepare.ts";

/** The child process that sets one letter. */
setReceived(new URL("letter.typ", import.meta.url), prepareLetter);
