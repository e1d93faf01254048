import { writeCsv } from "../exchange/csv.ts";
import type { CodebookDefinition, Option, Problem } from "./definition.ts";
import { type Block, type Value, writeYaml } from "./yaml.ts";

/** Columns of the codebook as a table, in this order. A row uses those that `USES` gives for its kind; the others are empty. */
export const COLUMNS = [
  "row",
  "parent",
  "code",
  "label_fr",
  "label_en",
  "definition_fr",
  "include_fr",
  "exclude_fr",
  "example_fr",
  "section",
  "type",
  "applies_to",
  "options_ref",
  "unit",
  "risk_factor",
  "sensitive",
  "disclosure",
  "available_from",
  "indicator_terms_fr",
  "source_refs",
  "publisher",
  "note_fr",
] as const;
type Column = (typeof COLUMNS)[number];

const OPTION_LIKE = ["code", "label_fr", "label_en", "definition_fr"] as const satisfies readonly Column[];
/** What each kind of row says, by the name in its first column. */
export const USES = {
  codebook: ["code", "label_fr", "label_en", "definition_fr", "note_fr"],
  version: ["code"],
  status: ["code"],
  language: ["code"],
  presence: OPTION_LIKE,
  exclusive_option: ["code"],
  exclusive_rule: ["definition_fr"],
  qualifier: OPTION_LIKE,
  qualifier_option: ["parent", ...OPTION_LIKE],
  flag: ["code", "definition_fr"],
  source: ["code", "label_fr", "publisher", "note_fr"],
  section: ["code", "label_fr", "label_en", "note_fr"],
  factor: COLUMNS.filter((column) => !["row", "parent", "publisher", "note_fr"].includes(column)),
  option: ["parent", ...OPTION_LIKE],
  addressee: OPTION_LIKE,
  level: OPTION_LIKE,
  theme: OPTION_LIKE,
  recommendation_type: OPTION_LIKE,
  follow_up_status: OPTION_LIKE,
  wording_check: OPTION_LIKE,
} as const satisfies Record<string, readonly Column[]>;
export type RowKind = keyof typeof USES;
const isKind = (text: string): text is RowKind => Object.hasOwn(USES, text);

type Row = { kind: RowKind } & Partial<Record<Column, string | null>>;
/** One a line in their cell: no term and no code holds a line break. */
const joined = (list: readonly string[]): string => list.join("\n");

function rowsOf(definition: CodebookDefinition): Row[] {
  const option = (kind: RowKind, { code, labelFr, labelEn, definitionFr }: Option, parent?: string): Row => ({
    kind,
    ...(parent !== undefined && { parent }),
    code,
    label_fr: labelFr,
    label_en: labelEn,
    definition_fr: definitionFr,
  });
  const { recommendation: lists } = definition;
  return [
    {
      kind: "codebook",
      code: definition.id,
      label_fr: definition.titleFr,
      label_en: definition.titleEn,
      definition_fr: definition.unitOfAnalysisFr,
      note_fr: definition.noteFr,
    },
    { kind: "version", code: definition.version },
    { kind: "status", code: definition.status },
    ...(definition.defaultLanguage === null ? [] : [{ kind: "language" as const, code: definition.defaultLanguage }]),
    ...definition.presence.map((one) => option("presence", one)),
    ...definition.exclusiveOptions.map((code): Row => ({ kind: "exclusive_option", code })),
    ...(definition.exclusiveRuleFr === null ? [] : [{ kind: "exclusive_rule" as const, definition_fr: definition.exclusiveRuleFr }]),
    ...definition.qualifiers.flatMap((qualifier) => [
      option("qualifier", qualifier),
      ...qualifier.options.map((one) => option("qualifier_option", one, qualifier.code)),
    ]),
    ...definition.flags.map(({ code, textFr }): Row => ({ kind: "flag", code, definition_fr: textFr })),
    ...definition.sources.map(
      ({ code, title, publisher, basis }): Row => ({ kind: "source", code, label_fr: title, publisher, note_fr: basis }),
    ),
    ...definition.sections.map(
      ({ code, labelFr, labelEn, noteFr }): Row => ({ kind: "section", code, label_fr: labelFr, label_en: labelEn, note_fr: noteFr }),
    ),
    ...definition.factors.flatMap((factor): Row[] => [
      {
        ...option("factor", factor),
        include_fr: factor.includeFr,
        exclude_fr: factor.excludeFr,
        example_fr: factor.exampleFr,
        section: factor.section,
        type: factor.type,
        applies_to: factor.appliesTo,
        options_ref: factor.optionsRef,
        unit: factor.unit,
        risk_factor: factor.riskFactor ? "true" : null,
        sensitive: factor.sensitive,
        disclosure: factor.disclosure,
        available_from: factor.availableFrom,
        indicator_terms_fr: joined(factor.indicatorTermsFr),
        source_refs: joined(factor.sourceRefs),
      },
      ...factor.options.map((one) => option("option", one, factor.code)),
    ]),
    ...lists.addressees.map((one) => option("addressee", one)),
    ...lists.levels.map((one) => option("level", one)),
    ...lists.themes.map((one) => option("theme", one)),
    ...lists.types.map((one) => option("recommendation_type", one)),
    ...lists.followUpStatuses.map((one) => option("follow_up_status", one)),
    ...lists.wordingChecks.map((one) => option("wording_check", one)),
  ];
}

/** A text that a spreadsheet would take for a formula is written with an apostrophe before it, taken away when the file is read. */
const FORMULA = /^'*[=+\-@＝＋－＠]/;
const armed = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
const disarmed = (text: string): string => (text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text);

/** The codebook as a table for a spreadsheet: one row a factor, an option, a section… (semicolons, UTF-8 with its mark). */
export function writeCodebookCsv(definition: CodebookDefinition): Uint8Array {
  return writeCsv(
    {
      name: "codebook",
      columns: COLUMNS.map((column) => ({ key: column, heading: column, type: "text" })),
      rows: rowsOf(definition).map((row) =>
        COLUMNS.map((column) => (column === "row" ? row.kind : row[column] ? armed(row[column]) : null)),
      ),
    },
    "en",
  );
}

type Record_ = { fields: string[]; line: number };
/** The records of a CSV text with the line each starts on. A quote that is never closed is told by its line. */
function recordsOf(text: string): { records: Record_[]; open: number | null } {
  const content = text.replace(/^\ufeff/, "");
  const heading = content.slice(0, content.search(/[\r\n]|$/));
  const times = (separator: string): number => heading.split(separator).length;
  const separator = [";", ",", "\t"].reduce((best, one) => (times(one) > times(best) ? one : best));
  const records: Record_[] = [];
  let fields: string[] = [];
  let [field, quoted, line, start, opened] = ["", false, 1, 1, 1];
  const close = () => {
    fields.push(field);
    if (fields.some((one) => one.trim() !== "")) records.push({ fields, line: start });
    [fields, field] = [[], ""];
  };
  for (let at = 0; at < content.length; at++) {
    const character = content[at]!;
    if (quoted) {
      if (character === '"' && content[at + 1] === '"') {
        field += '"';
        at++;
      } else if (character === '"') quoted = false;
      else field += character;
      if (character === "\n") line++;
    } else if (character === '"' && field === "") [quoted, opened] = [true, line];
    else if (character === separator) {
      fields.push(field);
      field = "";
    } else if (character === "\n" || character === "\r") {
      if (character === "\r" && content[at + 1] === "\n") at++;
      close();
      start = ++line;
    } else field += character;
  }
  if (field !== "" || fields.length > 0) close();
  return { records, open: quoted ? opened : null };
}

const YES = new Set(["true", "vrai", "oui", "1"]);
const NO = new Set(["false", "faux", "non", "0"]);

type Line = { kind: RowKind; line: number; cells: Map<Column, string> };

/**
 * Reads such a table into YAML, to be judged as any codebook is; `lines` gives for each line of the YAML the line of the table it comes from.
 * What the table itself has wrong (a missing column, an unknown row, a cell where its row has none) is told at once.
 */
export function csvToYaml(text: string): { kind: "yaml"; yaml: string; lines: number[] } | { kind: "problems"; problems: Problem[] } {
  const { records, open } = recordsOf(text);
  if (open !== null)
    return { kind: "problems", problems: [{ line: open, message: "Un guillemet ouvert sur cette ligne n’est jamais fermé." }] };
  const problems: Problem[] = [];
  const told = (line: number, message: string) => problems.push({ line, message });
  const headings = (records[0]?.fields ?? []).map((heading) => heading.trim().toLowerCase());
  for (const column of ["row", "code", "label_fr"] as const)
    if (!headings.includes(column)) told(1, `La colonne « ${column} » manque : la première ligne nomme les colonnes.`);
  for (const [at, heading] of headings.entries())
    if (heading === "" ? records.some(({ fields }) => (fields[at] ?? "").trim() !== "") : !(COLUMNS as readonly string[]).includes(heading))
      told(1, `La colonne « ${heading} » est inconnue.`);
    else if (heading !== "" && headings.indexOf(heading) !== at) told(1, `La colonne « ${heading} » figure deux fois.`);
  if (problems.length > 0) return { kind: "problems", problems };

  const lines: Line[] = [];
  for (const { fields, line } of records.slice(1)) {
    if (fields.slice(headings.length).some((one) => one.trim() !== "")) {
      told(line, `Cette ligne a ${fields.length} cellules, la première en a ${headings.length}.`);
      continue;
    }
    const cells = new Map<Column, string>();
    for (const [at, heading] of headings.entries()) {
      const cell = disarmed((fields[at] ?? "").replace(/\r\n?/g, "\n").trim());
      if (cell !== "" && heading !== "") cells.set(heading as Column, cell);
    }
    const kind = cells.get("row") ?? "";
    if (!isKind(kind)) {
      told(line, kind === "" ? "La colonne « row » est vide." : `« ${kind} » n’est pas un genre de ligne connu.`);
      continue;
    }
    cells.delete("row");
    for (const column of cells.keys())
      if (!(USES[kind] as readonly Column[]).includes(column))
        told(line, `Une ligne « ${kind} » n’a rien à dire dans la colonne « ${column} ».`);
    lines.push({ kind, line, cells });
  }
  const of = (kind: RowKind): Line[] => lines.filter((one) => one.kind === kind);
  for (const kind of ["codebook", "version", "status"] as const) {
    const [first, second] = of(kind);
    if (!first) told(1, `Il manque une ligne « ${kind} ».`);
    if (second) told(second.line, `La ligne « ${kind} » figure deux fois.`);
  }
  for (const [child, parent] of [
    ["option", "factor"],
    ["qualifier_option", "qualifier"],
  ] as const) {
    const known = new Set(of(parent).map(({ cells }) => cells.get("code")));
    for (const { cells, line } of of(child))
      if (!known.has(cells.get("parent")))
        told(line, `« ${cells.get("parent") ?? ""} », dont cette option dépend, n’est pas dans le fichier.`);
  }

  const cell = ({ cells }: Line, column: Column): string | null => cells.get(column) ?? null;
  /** A cell that must say something: the reader of the codebook tells when it is empty. */
  const must = (line: Line, column: Column): string => cell(line, column) ?? "";
  const list = (line: Line, column: Column): string[] =>
    must(line, column)
      .split("\n")
      .map((one) => one.trim())
      .filter((one) => one !== "");
  const flag = (line: Line): true | null => {
    const said = must(line, "risk_factor").toLowerCase();
    if (said !== "" && !YES.has(said) && !NO.has(said)) told(line.line, `« risk_factor » vaut « ${said} » ; attendu : true ou rien.`);
    return YES.has(said) ? true : null;
  };
  type Entries = Block<number>["entries"];
  const blockOf = (line: Line, entries: Entries): Block<number> => ({ mark: line.line, entries });
  const option = (line: Line, definition = "definition_fr"): Block<number> =>
    blockOf(line, [
      ["code", must(line, "code")],
      ["label_fr", must(line, "label_fr")],
      ["label_en", must(line, "label_en")],
      [definition, cell(line, "definition_fr")],
    ]);
  const options = (kind: RowKind): Value<number> => of(kind).map((line) => option(line));
  const childrenOf = (kind: RowKind, parent: string): Value<number> | null => {
    const found = of(kind).filter((line) => cell(line, "parent") === parent);
    return found.length > 0 ? found.map((line) => option(line)) : null;
  };
  const head = of("codebook")[0] ?? { kind: "codebook", line: 1, cells: new Map() };
  const only = (kind: RowKind): string | null => {
    const line = of(kind)[0];
    return line ? must(line, "code") : null;
  };
  const factor = (line: Line): Block<number> =>
    blockOf(line, [
      ["code", must(line, "code")],
      ["section", must(line, "section")],
      ["label_fr", must(line, "label_fr")],
      ["label_en", must(line, "label_en")],
      ["definition_fr", must(line, "definition_fr")],
      ...(["include_fr", "exclude_fr", "example_fr"] as const).map((column) => [column, cell(line, column)] as const),
      ["type", must(line, "type")],
      ["applies_to", must(line, "applies_to")],
      ["options", childrenOf("option", must(line, "code"))],
      ["options_ref", cell(line, "options_ref")],
      ["unit", cell(line, "unit")],
      ["risk_factor", flag(line)],
      ...(["sensitive", "disclosure", "available_from"] as const).map((column) => [column, cell(line, column)] as const),
      ["indicator_terms_fr", list(line, "indicator_terms_fr").length > 0 ? list(line, "indicator_terms_fr") : null],
      ["source_refs", list(line, "source_refs")],
    ]);
  const flags = of("flag");
  const sources = of("source");
  for (const some of [flags, sources]) {
    const seen = new Set<string>();
    for (const line of some) {
      if (seen.has(must(line, "code"))) told(line.line, `« ${must(line, "code")} » figure deux fois.`);
      seen.add(must(line, "code"));
      if (must(line, "code") === "") told(line.line, "Le code manque.");
    }
  }
  if (problems.length > 0) return { kind: "problems", problems: problems.toSorted((a, b) => a.line - b.line) };
  const whole = (entries: Entries): Block<number> => ({ mark: head.line, entries });
  const rule = of("exclusive_rule")[0];
  const { yaml, marks } = writeYaml(
    whole([
      [
        "codebook",
        whole([
          ["id", must(head, "code")],
          ["version", only("version")],
          ["status", only("status")],
          ["default_language", only("language")],
          ["title_fr", must(head, "label_fr")],
          ["title_en", must(head, "label_en")],
          ["unit_of_analysis_fr", must(head, "definition_fr")],
          ["note_fr", cell(head, "note_fr")],
        ]),
      ],
      ["presence_scale", of("presence").map((line) => option(line, "rule_fr"))],
      [
        "multi_rules",
        whole([
          ["exclusive_options", of("exclusive_option").map((line) => must(line, "code"))],
          ["rule_fr", rule ? must(rule, "definition_fr") : null],
        ]),
      ],
      [
        "coding_qualifiers",
        of("qualifier").map((line) =>
          blockOf(line, [...option(line).entries, ["options", childrenOf("qualifier_option", must(line, "code"))]]),
        ),
      ],
      ["flags", flags.length === 0 ? null : whole(flags.map((line) => [must(line, "code"), must(line, "definition_fr")] as const))],
      [
        "sources",
        whole(
          sources.map(
            (line) =>
              [
                must(line, "code"),
                blockOf(line, [
                  ["title", must(line, "label_fr")],
                  ["publisher", must(line, "publisher")],
                  ["basis_of_mapping", cell(line, "note_fr")],
                ]),
              ] as const,
          ),
        ),
      ],
      [
        "sections",
        of("section").map((line) =>
          blockOf(line, [
            ["code", must(line, "code")],
            ["label_fr", must(line, "label_fr")],
            ["label_en", must(line, "label_en")],
            ["note_fr", cell(line, "note_fr")],
          ]),
        ),
      ],
      ["factors", of("factor").map(factor)],
      [
        "recommendation_classification",
        whole([
          ["addressees", options("addressee")],
          ["levels", options("level")],
          ["themes", options("theme")],
          ["types", options("recommendation_type")],
          ["follow_up_statuses", options("follow_up_status")],
          ["wording_checks", options("wording_check")],
        ]),
      ],
    ]),
  );
  // The marks of factors are read while the YAML is written.
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "yaml", yaml, lines: marks };
}
