import { fork } from "node:child_process";

/** A text could not be set: the typesetter refused it, took too long or died. The message says which, and quotes nothing of the text. */
export class TypesettingFailed extends Error {}

/** What the child process sends back. */
export type Typeset = { pdf: Uint8Array } | { reason: string };

let queue: Promise<unknown> = Promise.resolve();

/**
 * The document as a PDF, set by the module at `typesetter`: a child process that hands what it receives to setReceived (compile.ts).
 * Documents are set one after another, each in a process of its own: the typesetter is native code that nothing inside our process could
 * stop, and there it has neither our environment nor our database. Rejects with TypesettingFailed, at the latest `limit` milliseconds
 * after its turn came.
 */
export function typeset(typesetter: URL, document: object, { limit = 30_000 }: { limit?: number } = {}): Promise<Uint8Array> {
  const turn = queue.then(() => typesetInChild(typesetter, document, limit));
  queue = turn.catch(() => undefined);
  return turn;
}

function typesetInChild(typesetter: URL, document: object, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = fork(typesetter, {
      env: {},
      execArgv: ["--no-warnings"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const settle = (act: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.on("error", () => undefined);
      child.kill("SIGKILL");
      act();
    };
    const fail = (reason: string) => settle(() => reject(new TypesettingFailed(reason)));
    const timer = setTimeout(() => fail(`the text was not set within ${limit} ms`), limit);
    child.on("message", (answer: Typeset) => {
      if ("pdf" in answer) settle(() => resolve(answer.pdf));
      else fail(answer.reason);
    });
    child.on("error", () => fail("the typesetter could not be started"));
    child.on("exit", (code, signal) => fail(`the typesetter ended without an answer (${signal ?? code})`));
    child.send(document, (error) => {
      if (error) fail("the text could not be handed to the typesetter");
    });
  });
}
