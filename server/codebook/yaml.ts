import type { CodebookDefinition, Factor, Option } from "./definition.ts";

/** A mapping about to be written: `mark` says what it is about, for whoever must find the part behind a line. Values that are null are left out. */
export type Block<Mark> = { mark: Mark; entries: readonly (readonly [key: string, value: Value<Mark> | null])[] };
export type Value<Mark> = string | boolean | readonly string[] | readonly Block<Mark>[] | Block<Mark>;

/** What a line of a codebook's YAML is about. */
export type Part = { kind: "head" | "scale" | "section" | "factor" | "source" | "classification"; code: string };

const WORD = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** Starts with a letter, or is a version or month; nothing in it that YAML reads otherwise. */
const PLAIN = /^(?:[\p{L}](?:[^\n:#\u2028\u2029\u0085]|:(?=\S)|(?<=\S)#)*|\d+\.\d+\.\d+|\d{4}-\d\d)$/u;
/** Texts are written as they are where YAML reads them so, else between quotes as JSON writes them, which YAML reads the same. */
const scalar = (text: string): string => (PLAIN.test(text) && !WORD.test(text) ? text : JSON.stringify(text));
const CODES = /^[a-z][a-z0-9_]*$/;

const isBlock = <Mark>(value: Value<Mark>): value is Block<Mark> => typeof value === "object" && !Array.isArray(value);
const isBlocks = <Mark>(value: readonly string[] | readonly Block<Mark>[]): value is readonly Block<Mark>[] => typeof value[0] === "object";

/** Writes a block as YAML, one line a text, with the mark of each line (from line 1 at index 0). */
export function writeYaml<Mark>(root: Block<Mark>): { yaml: string; marks: Mark[] } {
  const lines: string[] = [];
  const marks: Mark[] = [];
  const put = (line: string, mark: Mark) => {
    lines.push(line);
    marks.push(mark);
  };
  const write = ({ mark, entries }: Block<Mark>, indent: string, first = indent) => {
    let lead = first;
    for (const [key, value] of entries) {
      if (value === null) continue;
      const name = `${lead}${key}:`;
      lead = indent;
      if (typeof value === "string") put(`${name} ${scalar(value)}`, mark);
      else if (typeof value === "boolean") put(`${name} ${value}`, mark);
      else if (isBlock(value)) {
        put(value.entries.length === 0 ? `${name} {}` : name, mark);
        write(value, `${indent}  `);
      } else if (value.length === 0) put(`${name} []`, mark);
      else if (isBlocks(value)) {
        put(name, mark);
        for (const one of value) write(one, `${indent}  `, `${indent}- `);
      } else if (value.every((text) => CODES.test(text) && !WORD.test(text))) put(`${name} [${value.join(", ")}]`, mark);
      else {
        put(name, mark);
        for (const text of value) put(`${indent}- ${scalar(text)}`, mark);
      }
    }
  };
  write(root, "");
  return { yaml: `${lines.join("\n")}\n`, marks };
}

const block = (mark: Part, entries: Block<Part>["entries"]): Block<Part> => ({ mark, entries });
/** What may be left out when it says nothing. */
const some = <T extends { length: number }>(list: T): T | null => (list.length > 0 ? list : null);

const optionBlocks = (options: readonly Option[], mark: Part, definition = "definition_fr") =>
  options.map((option) =>
    block(mark, [
      ["code", option.code],
      ["label_fr", option.labelFr],
      ["label_en", option.labelEn],
      [definition, option.definitionFr],
    ]),
  );

const factorBlock = (factor: Factor): Block<Part> => {
  const mark: Part = { kind: "factor", code: factor.code };
  return block(mark, [
    ["code", factor.code],
    ["section", factor.section],
    ["label_fr", factor.labelFr],
    ["label_en", factor.labelEn],
    ["definition_fr", factor.definitionFr],
    ["include_fr", factor.includeFr],
    ["exclude_fr", factor.excludeFr],
    ["example_fr", factor.exampleFr],
    ["type", factor.type],
    ["applies_to", factor.appliesTo],
    ["options", some(optionBlocks(factor.options, mark))],
    ["options_ref", factor.optionsRef],
    ["unit", factor.unit],
    ["risk_factor", factor.riskFactor || null],
    ["sensitive", factor.sensitive],
    ["disclosure", factor.disclosure],
    ["available_from", factor.availableFrom],
    ["indicator_terms_fr", some(factor.indicatorTermsFr)],
    ["source_refs", factor.sourceRefs],
  ]);
};

/**
 * The one YAML of a codebook: what is the same in two codebooks is written the same, so that the digest of this text tells whether two
 * versions are one. `marks` holds the part that each line is about.
 */
export function writeCodebook(definition: CodebookDefinition): { yaml: string; marks: Part[] } {
  const head: Part = { kind: "head", code: "" };
  const scale = (code: string): Part => ({ kind: "scale", code });
  const { recommendation: lists } = definition;
  const listed = (code: string, options: readonly Option[]) => [code, optionBlocks(options, { kind: "classification", code })] as const;
  return writeYaml(
    block(head, [
      [
        "codebook",
        block(head, [
          ["id", definition.id],
          ["version", definition.version],
          ["status", definition.status],
          ["default_language", definition.defaultLanguage],
          ["title_fr", definition.titleFr],
          ["title_en", definition.titleEn],
          ["unit_of_analysis_fr", definition.unitOfAnalysisFr],
          ["note_fr", definition.noteFr],
        ]),
      ],
      ["presence_scale", optionBlocks(definition.presence, scale("presence"), "rule_fr")],
      [
        "multi_rules",
        block(scale("exclusive"), [
          ["exclusive_options", definition.exclusiveOptions],
          ["rule_fr", definition.exclusiveRuleFr],
        ]),
      ],
      [
        "coding_qualifiers",
        definition.qualifiers.map((qualifier) =>
          block(scale(qualifier.code), [
            ["code", qualifier.code],
            ["label_fr", qualifier.labelFr],
            ["label_en", qualifier.labelEn],
            ["definition_fr", qualifier.definitionFr],
            ["options", some(optionBlocks(qualifier.options, scale(qualifier.code)))],
          ]),
        ),
      ],
      [
        "flags",
        definition.flags.length === 0
          ? null
          : block(
              scale("flags"),
              definition.flags.map(({ code, textFr }) => [code, textFr] as const),
            ),
      ],
      [
        "sources",
        block(
          head,
          definition.sources.map(
            ({ code, title, publisher, basis }) =>
              [
                code,
                block({ kind: "source", code }, [
                  ["title", title],
                  ["publisher", publisher],
                  ["basis_of_mapping", basis],
                ]),
              ] as const,
          ),
        ),
      ],
      [
        "sections",
        definition.sections.map(({ code, labelFr, labelEn, noteFr }) =>
          block({ kind: "section", code }, [
            ["code", code],
            ["label_fr", labelFr],
            ["label_en", labelEn],
            ["note_fr", noteFr],
          ]),
        ),
      ],
      ["factors", definition.factors.map(factorBlock)],
      [
        "recommendation_classification",
        block(head, [
          listed("addressees", lists.addressees),
          listed("levels", lists.levels),
          listed("themes", lists.themes),
          listed("types", lists.types),
          listed("follow_up_statuses", lists.followUpStatuses),
          listed("wording_checks", lists.wordingChecks),
        ]),
      ],
    ]),
  );
}
