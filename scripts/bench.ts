import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, rate, type Sent, send } from "./bench/measure.ts";

// npm run bench: the real server against floors measured in the same run, in turns, on this machine. Ratios are what counts.
type Line = { name: string; unit: string; value: number; floor: number; ratio: number; target: number; holds: boolean };
type Told = { port: number; report?: string; workspace?: string; ready?: boolean; ours?: number; bare?: number; cells?: number };

const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), "retex-bench-"));
const children: ChildProcess[] = [];
const start = async (script: string, ...args: string[]): Promise<{ child: ChildProcess; told: Told }> => {
  const child = fork(join(import.meta.dirname, "bench", script), [folder, ...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  children.push(child);
  const [told] = (await once(child, "message")) as [Told];
  return { child, told };
};

/** Signs in through the real page; gives the cookie and the token of forms. */
async function signIn(port: number): Promise<{ cookie: string; token: string }> {
  let cookie = "";
  const ask = async (path: string, body?: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: "manual",
      headers: { cookie, ...(body && { "content-type": "application/x-www-form-urlencoded" }) },
      ...(body && { method: "POST", body }),
    });
    cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    return response.text();
  };
  const tokenIn = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)![1]!;
  const token = tokenIn(await ask("/connexion"));
  await ask(
    "/connexion",
    new URLSearchParams({
      _csrf: token,
      email: "mesure@essai.invalid",
      passphrase: "une phrase de passe pour mesurer",
      retour: "",
    }).toString(),
  );
  return { cookie, token: tokenIn(await ask("/compte")) };
}

/** The texts in the cells of a page's first table. */
const cellsIn = (html: string): Record<string, string>[] =>
  html
    .slice(html.indexOf("<tbody>"), html.indexOf("</tbody>"))
    .split(/<tr[ >]/)
    .slice(1)
    .map((row) =>
      Object.fromEntries(
        [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell], at) => [`c${at}`, cell!.replace(/<[^>]+>/g, " ").trim()]),
      ),
    );

/** Medians of measurements taken in turns, so that a slow moment of the machine falls on all of them. */
async function inTurns(...measures: (() => Promise<number>)[]): Promise<number[]> {
  const taken = measures.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) for (const [at, measure] of measures.entries()) taken[at]!.push(await measure());
  return taken.map(median);
}

try {
  const large = await start("serve-app.ts", "10000");
  const small = await start("serve-app.ts", "100");
  const floor = await start("serve-floor.ts");
  const [inLarge, inSmall] = [await signIn(large.told.port), await signIn(small.told.port)];
  const list = (cookie: string, turn: number): Sent => ({
    method: "GET",
    path: `/rapports?etat=received&nature=homicide&tri=act&ordre=${turn % 2 ? "asc" : "desc"}`,
    headers: { cookie },
  });

  const sample = await send(large.told.port, list(inLarge.cookie, 0));
  const rows = cellsIn(sample.body);
  // The workspace of a report of 200 pages, 110 factors and 400 passages; its bare text is what stands in its blocks.
  const opened: Sent = { method: "GET", path: `/rapports/${small.told.workspace}/codage`, headers: { cookie: inSmall.cookie } };
  const whole = await send(small.told.port, opened);
  const marks = whole.body.match(/<mark /g)?.length ?? 0;
  if (whole.status !== 200 || marks < 400) throw new Error(`The workspace answered ${whole.status} with ${marks} marks`);
  const plain = (html: string) =>
    html
      .replace(/<[^>]+>/g, "")
      .replace(/&(amp|lt|gt|#34|#39);/g, (_, name: string) => ({ amp: "&", lt: "<", gt: ">", "#34": '"', "#39": "'" })[name]!);
  const text = [...whole.body.matchAll(/ data-start="\d+"[^>]*>(.*?)<\/(?:p|h\d|li|td)>/gs)].map(([, block]) => plain(block!)).join("\n");
  floor.child.send({ rows, bytes: sample.bytes, text });
  await once(floor.child, "message");

  const forever = (get: () => Sent) => () => get();
  const [ours, bare, ofHundred] = await inTurns(
    () => rate(large.told.port, 4, SECONDS, (_client, turn) => list(inLarge.cookie, turn), [200]),
    () =>
      rate(
        floor.told.port,
        4,
        SECONDS,
        forever(() => ({ method: "GET", path: "/liste", headers: {} })),
        [200],
      ),
    () => rate(small.told.port, 4, SECONDS, (_client, turn) => list(inSmall.cookie, turn), [200]),
  );

  const bareText = await send(floor.told.port, { method: "GET", path: "/texte", headers: {} });
  const [openings, bareTexts] = await inTurns(
    () => rate(small.told.port, 1, SECONDS, () => opened, [200]),
    () => rate(floor.told.port, 1, SECONDS, () => ({ method: "GET", path: "/texte", headers: {} }), [200]),
  );

  // Each client codes one factor of its own, over and over, as an analyst who hesitates would.
  const FACTORS = [
    "premeditation",
    "overkill",
    "cohabitation",
    "new_partner",
    "physical_violence",
    "escalation",
    "death_threats",
    "coordination_gap",
  ];
  const versions = new Map<number, number>();
  const form = (client: number, turn: number, token: string) =>
    new URLSearchParams({
      _csrf: token,
      factor: FACTORS[client]!,
      subject: "case",
      seenVersion: String(versions.get(client) ?? 0),
      shown: "",
      value: turn % 2 ? "absent" : "unknown",
      confidence: "high",
      evidenceBasis: "official_record",
      knownWhen: "service_before",
      note: "Une note de longueur ordinaire.",
      reason: "Motif de la cotation.",
      document: "",
      block: "",
      page: "",
      quote: "",
      start: "",
      end: "",
    }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const saves = async (port: number, path: string, cookie: string, token: string): Promise<number> => {
    const until = performance.now() + SECONDS * 1000;
    let done = 0;
    await Promise.all(
      FACTORS.map(async (_, client) => {
        for (let turn = 0; performance.now() < until; turn++) {
          const answer = await send(port, { method: "POST", path, headers: { ...headers, cookie }, body: form(client, turn, token) });
          if (answer.status !== 200) throw new Error(`Saving a value answered ${answer.status}: ${answer.body.slice(0, 200)}`);
          const { version } = JSON.parse(answer.body) as { version?: number };
          if (version !== undefined) versions.set(client, version);
          done++;
        }
      }),
    );
    return done / SECONDS;
  };
  const [saved, bareSaved] = await inTurns(
    () => saves(large.told.port, `/rapports/${large.told.report}/codage/valeur`, inLarge.cookie, inLarge.token),
    () => saves(floor.told.port, "/valeur", "", inLarge.token),
  );

  // The register at 20,000 recommendations: its page as the coordinator opens it, and a full export as XLSX.
  const register = await start("serve-app.ts", "20000", "register");
  const inRegister = await signIn(register.told.port);
  const entries = (turn: number): Sent => ({
    method: "GET",
    path: `/recommandations?statut=issued&tri=echeance&ordre=${turn % 2 ? "asc" : "desc"}`,
    headers: { cookie: inRegister.cookie },
  });
  const opening = await send(register.told.port, entries(0));
  const shown = cellsIn(opening.body);
  if (opening.status !== 200 || shown.length !== 50) throw new Error(`The register answered ${opening.status} with ${shown.length} lines`);
  floor.child.send({ rows: shown, bytes: opening.bytes, text });
  await once(floor.child, "message");
  const [registers, bareRegisters] = await inTurns(
    () => rate(register.told.port, 4, SECONDS, (_client, turn) => entries(turn), [200]),
    () =>
      rate(
        floor.told.port,
        4,
        SECONDS,
        forever(() => ({ method: "GET", path: "/liste", headers: {} })),
        [200],
      ),
  );
  register.child.kill();
  await once(register.child, "exit");
  const { told: exported } = await start("export-part.ts", "20000");

  const line = (name: string, unit: string, value: number, under: number, target: number, atMost = false): Line => {
    const ratio = atMost ? under / value : value / under;
    return { name, unit, value, floor: under, ratio, target, holds: atMost ? ratio <= target : ratio >= target };
  };
  const lines: Line[] = [
    line("List of 10,000 reports, filtered and sorted, against a bare page of the same rows and bytes", "requests/s", ours!, bare!, 0.4),
    line("Saving one coded value, against a bare handler with one durable transaction of three rows", "saves/s", saved!, bareSaved!, 0.25),
    line(
      "Opening the workspace of 200 pages, 110 factors, 400 passages, against its bare text: time",
      "openings/s",
      openings!,
      bareTexts!,
      0.15,
    ),
    line("… bytes (at most)", "kB", bareText.bytes / 1000, whole.bytes / 1000, 2, true),
    line(
      "Register of 20,000 recommendations, filtered and sorted, against a bare page of the same rows and bytes",
      "requests/s",
      registers!,
      bareRegisters!,
      0.03,
    ),
    line(
      `Complete XLSX export of 20,000 recommendations (${exported.cells!.toLocaleString("en")} cells), against the bare library writing the same cells from memory: time (at most)`,
      "exports/min",
      60 / exported.ours!,
      60 / exported.bare!,
      3,
      true,
    ),
    line("Time of the list at 10,000 reports, against that at 100 (at most)", "requests/s", ours!, ofHundred!, 1.3, true),
  ];
  if (process.argv.includes("--json")) console.log(JSON.stringify(lines));
  else {
    const two = (n: number) => n.toFixed(n < 10 ? 2 : 0);
    console.log("| what | value | floor | ratio | target | holds |\n|---|---:|---:|---:|---:|---|");
    for (const l of lines)
      console.log(
        `| ${l.name} | ${two(l.value)} ${l.unit} | ${two(l.floor)} | ${two(l.ratio)} | ${l.name.includes("at most") ? "≤" : "≥"} ${l.target} | ${l.holds ? "yes" : "no"} |`,
      );
  }
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
