import { Agent, request } from "node:http";

export type Sent = { method: "GET" | "POST"; path: string; headers: Record<string, string>; body?: string };
export type Answer = { status: number; body: string; bytes: number };

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** One request over a kept connection; the body is read whole. */
export const send = (port: number, { method, path, headers, body }: Sent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        agent,
        headers: { ...headers, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const all = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, body: all.toString("utf8"), bytes: all.length });
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });

/**
 * Requests per second of some clients that each send one after the other for a time.
 * @throws Error when an answer is not one of `expected`: a fast refusal is no speed
 */
export async function rate(
  port: number,
  clients: number,
  seconds: number,
  next: (client: number, turn: number) => Sent,
  expected: readonly number[],
): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let turn = 0; performance.now() < until; turn++) {
        const { status } = await send(port, next(client, turn));
        if (!expected.includes(status)) throw new Error(`Expected ${expected.join(" or ")}, got ${status}`);
        done++;
      }
    }),
  );
  return done / seconds;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
};
