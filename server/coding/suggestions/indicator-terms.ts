import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import type { Problem } from "../../codebook/definition.ts";
import { PATTERNS, type PatternName } from "./patterns.ts";

/** What practitioners write besides the terms that the codebook itself gives: a file that may grow while the codebook stays as published. */
export type IndicatorTerms = {
  /** Words of titles under which a report proposes instead of telling. */
  proposals: string[];
  /** Words of titles under which a section's factors are usually spoken of, by section code; `opening` when that is usually early. */
  sections: Map<string, { headings: string[]; opening: boolean }>;
  factors: Map<string, { terms: string[]; patterns: PatternName[] }>;
};

export const NO_INDICATOR_TERMS: IndicatorTerms = { proposals: [], sections: new Map(), factors: new Map() };

/**
 * Reads the additional terms, written in YAML (`proposals`, `sections`, `factors`), against the codes of a codebook (null: codes
 * are not checked). Either all of them, or
 * every problem found with its line: unknown factor, section, key or pattern, an empty or repeated term.
 */
export function parseIndicatorTerms(
  yaml: string,
  known: { factors: readonly { code: string }[]; sections: readonly { code: string }[] } | null,
): { kind: "terms"; terms: IndicatorTerms } | { kind: "problems"; problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = [];
  const lineOf = (node: unknown): number => {
    const range = (node as Node | null)?.range;
    return range ? lines.linePos(range[0]).line : 1;
  };
  const report = (node: unknown, message: string): void => {
    problems.push({ line: lineOf(node), message });
  };
  if (document.errors.length > 0) {
    return {
      kind: "problems",
      problems: document.errors.map(({ pos, message }) => ({
        line: lines.linePos(pos[0]).line,
        message: `Le fichier n’est pas du YAML valable : ${message}`,
      })),
    };
  }

  const entries = (node: unknown, where: string): { key: string; at: unknown; value: unknown }[] => {
    if (!isMap(node)) {
      report(node, `Un bloc de clés est attendu dans ${where}.`);
      return [];
    }
    return (node as YAMLMap).items.map(({ key, value }) => ({ key: isScalar(key) ? String(key.value) : "", at: key, value }));
  };
  const texts = (node: unknown, where: string): string[] => {
    if (!isSeq(node)) {
      report(node, `Une liste de termes est attendue dans ${where}.`);
      return [];
    }
    const seen = new Set<string>();
    return node.items.flatMap((item) => {
      const text = isScalar(item) ? (item.source ?? String(item.value ?? "")).trim() : "";
      if (text === "") report(item, `Un terme est vide ou n’est pas un texte dans ${where}.`);
      else if (seen.has(text)) report(item, `Le terme « ${text} » est répété dans ${where}.`);
      else {
        seen.add(text);
        return [text];
      }
      return [];
    });
  };

  const terms: IndicatorTerms = { proposals: [], sections: new Map(), factors: new Map() };
  const sectionCodes = known && new Set(known.sections.map(({ code }) => code));
  const factorCodes = known && new Set(known.factors.map(({ code }) => code));
  for (const { key, at, value } of entries(document.contents, "le fichier des termes")) {
    if (key === "proposals") terms.proposals = texts(value, "« proposals »");
    else if (key === "sections") {
      for (const section of entries(value, "« sections »")) {
        const where = `la section « ${section.key} »`;
        if (sectionCodes && !sectionCodes.has(section.key)) report(section.at, `La section « ${section.key} » n’est pas dans la grille.`);
        const read = { headings: [] as string[], opening: false };
        for (const field of entries(section.value, where)) {
          if (field.key === "headings") read.headings = texts(field.value, where);
          else if (field.key === "opening") read.opening = isScalar(field.value) && field.value.value === true;
          else report(field.at, `Clé inconnue « ${field.key} » dans ${where}.`);
        }
        terms.sections.set(section.key, read);
      }
    } else if (key === "factors") {
      for (const factor of entries(value, "« factors »")) {
        const where = `le facteur « ${factor.key} »`;
        if (factorCodes && !factorCodes.has(factor.key)) report(factor.at, `Le facteur « ${factor.key} » n’est pas dans la grille.`);
        const read = { terms: [] as string[], patterns: [] as PatternName[] };
        for (const field of entries(factor.value, where)) {
          if (field.key === "terms") read.terms = texts(field.value, where);
          else if (field.key === "patterns") {
            for (const name of texts(field.value, where)) {
              const pattern = PATTERNS.find((one) => one === name);
              if (pattern) read.patterns.push(pattern);
              else report(field.value, `Le motif « ${name} » est inconnu dans ${where} (attendus : ${PATTERNS.join(", ")}).`);
            }
          } else report(field.at, `Clé inconnue « ${field.key} » dans ${where}.`);
        }
        terms.factors.set(factor.key, read);
      }
    } else report(at, `Clé inconnue « ${key} » dans le fichier des termes.`);
  }
  if (problems.length > 0) return { kind: "problems", problems: problems.toSorted((a, b) => a.line - b.line) };
  return { kind: "terms", terms };
}
