import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { readDocument } from "../server/documents/read-document.ts";
import type { Block, Content, TextDocument } from "../server/exchange/document.ts";
import { writeDocx } from "../server/exchange/docx.ts";
import { writeOds } from "../server/exchange/ods.ts";
import { writeOdt } from "../server/exchange/odt.ts";
import type { Table, Workbook } from "../server/exchange/table.ts";
import { typographic } from "../server/exchange/typography.ts";
import { writeXlsx } from "../server/exchange/xlsx.ts";

// The two halves of check-with-libreoffice.sh, which says how to use them: `write FOLDER` before LibreOffice has read the files, and
// `compare FOLDER READ` after.

/** What LibreOffice should find in a text: stretches in their order, and headings at their levels where the model is known. */
type Expected = { texts: string[]; headings: { level: number; text: string }[] | null };

const AWKWARD = [
  "« L’été » : 12 % ; déjà ? Oui !",
  "<b>&amp;</b> ]]> &#65;",
  "=1+1",
  "@SUM(A1)",
  '#eval("1") $x^2$ \\u{41} *gras* `code`',
  'des "guillemets" ; et un point-virgule',
  "espaces   en   suite",
  "日本 שלום Ж č ≤",
  "fin",
];

const textBlocks: Block[] = AWKWARD.flatMap((text, index): Block[] => [
  { kind: "heading", level: 1, content: `Partie ${index} ${text}` },
  {
    kind: "paragraph",
    content: [{ text: `${text} ` }, { text: "en gras", bold: true }, { text: ` lien ${index}`, href: "https://exemple.invalid/?a=1&b=2" }],
  },
  { kind: "heading", level: 2, content: `Détail ${index}` },
  {
    kind: "list",
    ordered: index % 2 === 0,
    items: [{ content: text, list: { ordered: true, items: [`dedans ${text}`] } }, { content: "suite" }],
  },
  { kind: "heading", level: 3, content: "Tableau" },
  {
    kind: "table",
    caption: `Tableau ${text}`,
    columns: [{ heading: "Texte" }, { heading: "Nombre", align: "right" }],
    rows: [
      [text, String(index)],
      ["fin", ""],
    ],
  },
  { kind: "heading", level: 4, content: "Encadrés" },
  { kind: "definitions", items: [{ term: "Terme", detail: text }] },
  { kind: "callout", title: "Encadré", paragraphs: [text] },
  { kind: "quote", paragraphs: [text], source: "Source" },
]);
const booklet: TextDocument = {
  language: "fr",
  title: "Recueil d’essai",
  subtitle: "Textes difficiles",
  author: "Observatoire d’exemple",
  date: "2026-11-25",
  footer: "Données fictives",
  toc: true,
  blocks: textBlocks,
};
const letter: TextDocument = {
  ...booklet,
  toc: false,
  letter: { letterhead: ["Observatoire d’exemple"], recipient: ["Service d’exemple", "75000 Paris"], place: "Paris" },
  blocks: [
    { kind: "paragraph", content: "Madame, Monsieur," },
    ...textBlocks,
    { kind: "signature", lines: ["Camille Exemple", "Responsable"] },
  ],
};
const sheet = (name: string, rows: Table["rows"]): Table => ({
  name,
  columns: [
    { key: "text", heading: "Texte", type: "text" },
    { key: "number", heading: "Nombre", type: "number" },
    { key: "day", heading: "Jour", type: "date" },
  ],
  rows,
});
const workbook: Workbook = {
  language: "fr",
  title: "Classeur d’essai",
  tables: [
    sheet("Recommandations", [
      ...AWKWARD.map((text, index): Table["rows"][number] => [text, index - 2.5, "2026-11-25"]),
      ["deux\nlignes", 1234567.25, "1999-12-31"],
      ["007", null, null],
      ["2026-11-25", 0, "2026-02-28"],
    ]),
    sheet("Portée", [["Filtres : aucun", 3, "2026-11-25"]]),
  ],
};

const words = (content: Content): string =>
  typographic(typeof content === "string" ? content : content.map(({ text }) => text).join(""), "fr");

function expectedOf(document: TextDocument): Expected {
  const lines = (block: Block): string[] => {
    switch (block.kind) {
      case "heading":
      case "paragraph":
        return [words(block.content)];
      case "list":
        return block.items.flatMap((item) => [item.content, ...(item.list?.items ?? [])]).map(words);
      case "table":
        return [block.caption ?? "", ...block.columns.map(({ heading }) => heading), ...block.rows.flat()].map(words);
      case "definitions":
        return block.items
          .flatMap(({ term, detail }) => [term, ...(typeof detail === "object" && "paragraphs" in detail ? detail.paragraphs : [detail])])
          .map(words);
      case "callout":
        return [block.title ?? "", ...block.paragraphs].map(words);
      case "quote":
        return [...block.paragraphs, block.source ?? ""].map(words);
      case "signature":
        return block.lines.map(words);
      case "page-break":
        return [];
    }
  };
  const headings = document.blocks.flatMap((block) =>
    block.kind === "heading" ? [{ level: block.level, text: words(block.content) }] : [],
  );
  return { texts: [words(document.title), ...document.blocks.flatMap(lines)], headings };
}

const SAMPLES: Record<string, Expected | Table[]> = {
  "recueil.docx": expectedOf(booklet),
  "recueil.odt": expectedOf(booklet),
  "lettre.docx": expectedOf(letter),
  "lettre.odt": expectedOf(letter),
  "classeur.xlsx": workbook.tables,
  "classeur.ods": workbook.tables,
};

async function write(folder: string): Promise<void> {
  const files: [string, Uint8Array][] = [
    ["recueil.docx", await writeDocx(booklet)],
    ["recueil.odt", await writeOdt(booklet)],
    ["lettre.docx", await writeDocx(letter)],
    ["lettre.odt", await writeOdt(letter)],
    ["classeur.xlsx", await writeXlsx(workbook)],
    ["classeur.ods", await writeOds(workbook)],
  ];
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, "samples"), "");
}

/** Spaces of every kind as one: layout programs fold them. */
const folded = (text: string): string => text.replace(/[\s\u00a0\u202f]+/g, " ").trim();

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', nbsp: "\u00a0" };
const decoded = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number(decimal));
    });

/** Differences between a text and what LibreOffice read, in words; none when equal. */
function compareText(expected: Expected, text: string, html: string): string[] {
  const found = folded(text.replace(/^\ufeff/, ""));
  const wrong: string[] = [];
  let position = 0;
  for (const one of expected.texts.map(folded)) {
    if (one === "") continue;
    const place = found.indexOf(one, position);
    if (place < 0) wrong.push(`missing, or out of order: ${JSON.stringify(one)}`);
    else position = place + one.length;
  }
  if (expected.headings !== null) {
    const headings = [...html.matchAll(/<h([1-6])\b[^>]*>(.*?)<\/h\1>/gis)].map((match) => `${match[1]} ${folded(decoded(match[2]!))}`);
    const wanted = expected.headings.map(({ level, text: heading }) => `${level} ${folded(heading)}`);
    if (JSON.stringify(headings) !== JSON.stringify(wanted))
      wrong.push(`headings differ: ${headings.length} found, ${wanted.length} written`);
  }
  return wrong;
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of text.replace(/^\ufeff/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^;\r\n"]*))(;|\r\n|\n|$)/g)) {
    if (match[0] === "" && rows.at(-1)!.length === 0) break;
    rows.at(-1)!.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === "") break;
    if (match[3] !== ";") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

const sameCell = (written: string, read: string): boolean => {
  if (written.replace(/\r\n?/g, "\n") === read.replace(/\r\n?/g, "\n")) return true;
  const numbers = [written, read].map((text) => (/^-?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : Number.NaN));
  return numbers[0] === numbers[1];
};

function compareRows(name: string, written: string[][], read: string[][]): string[] {
  const wrong = written.flatMap((row, index) =>
    row.flatMap((cell, place) => {
      const other = read[index]?.[place] ?? "";
      return sameCell(cell, other)
        ? []
        : [`${name}, row ${index + 1}, column ${place + 1}: ${JSON.stringify(cell)} read as ${JSON.stringify(other)}`];
    }),
  );
  return read.length === written.length ? wrong : [...wrong, `${name}: ${written.length} rows written, ${read.length} read`];
}

/** The rows of a sheet as its heading and cells are written. */
const rowsOf = (table: Table): string[][] => [
  table.columns.map(({ heading }) => heading),
  ...table.rows.map((row) => table.columns.map((_, index) => String(row[index] ?? ""))),
];

/** Without the apostrophe that keeps a CSV from being calculated: XLSX and ODS need none. */
const armed = (rows: string[][]): string[][] => rows.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, "")));

async function expectedFromOurReader(path: string): Promise<Expected> {
  const reading = await readDocument(readFileSync(path), path, { bytes: 200 * 1024 * 1024, milliseconds: 120_000, megabytes: 2000 });
  if (reading.kind === "refused") throw new Error(`${path}: refused as ${reading.reason}`);
  const characters = [...reading.document.text];
  const at = ({ start, end }: { start: number; end: number }) => characters.slice(start, end).join("");
  const texts = reading.document.blocks.flatMap((block) => {
    if (block.kind === "running") return [];
    if (block.kind === "table") return block.rows.flat().map(at);
    // LibreOffice words its labels of lists itself.
    if (block.kind === "list-item") return [at(block).replace(/^(?:–|\d+\.) /, "")];
    // The page numbers of a table of contents are worked out on opening.
    return at(block)
      .split("\t")
      .filter((part) => !/^\d*$/.test(part));
  });
  return { texts, headings: null };
}

async function compare(folder: string, read: string): Promise<void> {
  const own = existsSync(join(folder, "samples"));
  let checked = 0;
  let differing = 0;
  for (const name of readdirSync(folder).sort()) {
    const kind = extname(name);
    const outputs = join(read, name);
    const output = (end: string) => readdirSync(outputs).filter((file) => file.endsWith(end));
    const contents = (file: string) => readFileSync(join(outputs, file), "utf8");
    let wrong: string[] = [];
    if (kind === ".docx" || kind === ".odt") {
      const expected = own ? (SAMPLES[name] as Expected) : await expectedFromOurReader(join(folder, name));
      wrong = compareText(expected, contents(output(".txt")[0]!), contents(output(".html")[0]!));
    } else if (kind === ".xlsx" || kind === ".ods") {
      // LibreOffice writes a file for each sheet, under its name.
      const sheets = output(".csv").map((file) => ({ file, rows: parseCsv(contents(file)) }));
      const beside = join(folder, name.replace(/\.\w+$/, ".csv"));
      if (own) {
        wrong = (SAMPLES[name] as Table[]).flatMap((table) =>
          compareRows(table.name, rowsOf(table), sheets.find(({ file }) => file.endsWith(`-${table.name}.csv`))?.rows ?? []),
        );
      } else if (existsSync(beside)) {
        const rows = armed(parseCsv(readFileSync(beside, "utf8")));
        const same = sheets.find((one) => JSON.stringify(one.rows[0]) === JSON.stringify(rows[0]));
        wrong = same === undefined ? ["no sheet has the headings of the CSV"] : compareRows(same.file, rows, same.rows);
      } else {
        console.log(`${name}: not compared, there is no CSV of the same name`);
        continue;
      }
    } else continue;
    checked += 1;
    if (wrong.length > 0) differing += 1;
    console.log(`${name}: ${wrong.length === 0 ? "as written" : `${wrong.length} differences`}`);
    for (const line of wrong.slice(0, 20)) console.log(`  ${line}`);
  }
  if (checked === 0) {
    console.error("No file to check.");
    process.exitCode = 2;
  } else if (differing > 0) process.exitCode = 1;
}

const [action, ...folders] = parseArgs({ allowPositionals: true }).positionals;
if (action === "write") await write(folders[0]!);
else if (action === "compare") await compare(folders[0]!, folders[1]!);
else throw new Error("write FOLDER, or compare FOLDER READ");
