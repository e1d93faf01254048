import type { Visitor } from "../support/app.ts";

/** Separated values of these lines, as a French spreadsheet saves them. */
export const csv = (...lines: (readonly string[])[]): Uint8Array =>
  new TextEncoder().encode(
    `\ufeff${lines.map((line) => line.map((cell) => (/[;"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(";")).join("\r\n")}\r\n`,
  );

/** Headings of a small file that are understood by themselves. */
export const HEADINGS = [
  "Référence",
  "Date des faits",
  "Date de réception",
  "Département",
  "Tribunal judiciaire",
  "Service émetteur",
  "Nature de l’acte",
  "Âge de la victime",
  "Peur exprimée par la victime",
  "Moyens employés",
] as const;
/** A line without problem; what a test is about replaces a part of it. */
export const lineOf = (given: Partial<Record<(typeof HEADINGS)[number], string>> = {}): string[] => {
  const usual: Record<(typeof HEADINGS)[number], string> = {
    Référence: "",
    "Date des faits": "14/03/2019",
    "Date de réception": "02/05/2019",
    Département: "41",
    "Tribunal judiciaire": "Blois",
    "Service émetteur": "Parquet de Blois",
    "Nature de l’acte": "homicide",
    "Âge de la victime": "42",
    "Peur exprimée par la victime": "oui",
    "Moyens employés": "Arme blanche",
  };
  return HEADINGS.map((heading) => given[heading] ?? usual[heading]);
};

type Form = Record<string, string | string[]>;
const unescaped = (text: string) =>
  text.replace(/&#39;/g, "'").replace(/&#34;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** What a browser would post of the form of a page that has this action. */
export function formOf(html: string, action: string): Form {
  const form = new RegExp(`<form[^>]*action="${action.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}"[^>]*>([\\s\\S]*?)</form>`).exec(html)?.[1];
  if (form === undefined) throw new Error(`no form posts to ${action}`);
  const fields: [string, string][] = [];
  for (const [, attributes] of form.matchAll(/<input\b([^>]*)>/g)) {
    const of = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes!)?.[1];
    const type = of("type") ?? "text";
    if (of("name") && of("name") !== "_csrf" && (!["checkbox", "radio"].includes(type) || /\bchecked\b/.test(attributes!)))
      fields.push([of("name")!, unescaped(of("value") ?? "")]);
  }
  for (const [, name, options] of form.matchAll(/<select\b[^>]*\bname="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)) {
    const chosen = /<option value="([^"]*)" selected/.exec(options!) ?? /<option value="([^"]*)"/.exec(options!);
    fields.push([name!, unescaped(chosen?.[1] ?? "")]);
  }
  const made: Form = {};
  for (const [name, value] of fields) made[name] = name in made ? [made[name]!, value].flat() : value;
  return made;
}

/** Sends a file; gives the address of its import. @throws Error when it is refused */
export async function read(visitor: Visitor, bytes: Uint8Array, name = "cas.csv"): Promise<string> {
  await visitor.get("/rapports/importer");
  const answer = await visitor.upload("/rapports/importer", {}, [{ field: "file", name, bytes }]);
  if (answer.status !== 303) throw new Error(`${answer.status} ${/class="field__error"[^>]*>(.*?)<\/p>/s.exec(answer.text)?.[1] ?? ""}`);
  return answer.location!;
}

/** Opens a page until the work on its import is over. */
export async function settled(visitor: Visitor, address: string): Promise<string> {
  for (let turn = 0; turn < 200; turn++) {
    const { text } = await visitor.get(address);
    if (!text.includes("data-import=")) return text;
  }
  throw new Error("the work does not end");
}

/** Posts the forms of columns and values as they are proposed, then gives the page of the check. */
export async function checked(
  visitor: Visitor,
  address: string,
  columns: Form = {},
  values: (form: Form) => Form = (form) => form,
): Promise<string> {
  const form = formOf((await visitor.get(address)).text, `${address}/colonnes`);
  const saved = await visitor.post(`${address}/colonnes`, { ...form, ...columns });
  if (saved.status !== 303)
    throw new Error(
      `columns: ${saved.status} ${[...saved.text.matchAll(/class="field__error"[^>]*>(.*?)<\/p>/gs)].map(([, text]) => text).join(" | ")}`,
    );
  const next = formOf((await visitor.get(`${address}/valeurs`)).text, `${address}/valeurs`);
  const asked = await visitor.post(`${address}/valeurs`, values({ ...next, next: "check" }));
  if (asked.status !== 303) throw new Error(`values: ${asked.status}`);
  return settled(visitor, `${address}/verification`);
}

/** Accepts as the page offers it; gives the last page of the import. */
export async function accepted(visitor: Visitor, address: string, given: Form = {}): Promise<string> {
  const form = formOf((await visitor.get(`${address}/verification`)).text, `${address}/accepter`);
  const answer = await visitor.post(`${address}/accepter`, { ...form, ...given });
  if (answer.status !== 303) throw new Error(`accept: ${answer.status}`);
  return settled(visitor, address);
}
