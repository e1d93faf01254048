import { readDate, standingOf } from "../../chronology/dates.ts";
import { foldText } from "../fold.ts";
import { courtLabel, findDepartment } from "../places.ts";
import { type Suspect, suspectsIn } from "../public-statement.ts";
import {
  type CaseOnFile,
  documented,
  type FindingOnFile,
  type Issue,
  type Place,
  placeOf,
  type QualityRule,
  type ValueOnFile,
} from "./case.ts";
import { presentResponse, presentRisks } from "./coding-rules.ts";

const at = ({ number }: Pick<FindingOnFile, "number">): Place => ({ on: "finding", number });
/** Findings that say what a service did not do. */
const blames = ({ kind }: FindingOnFile): boolean => kind === "failing" || kind === "missed_signal";
const basisOf = (finding: FindingOnFile, file: CaseOnFile): ValueOnFile[] => finding.factors.flatMap((factor) => documented(file, factor));

/** Towns and the département of the sheet, as a text would name them. */
const placesOf = ({ sheet }: CaseOnFile): string[] => {
  const department = findDepartment(sheet.department);
  const town = courtLabel(sheet.court).replace(/^Tribunal (?:judiciaire|de première instance|supérieur d’appel) (?:de |d’|du |des )?/u, "");
  return [town, ...(department && department.name !== department.regionName ? [department.name] : [])];
};

/** What of a file makes its public texts recognisable: read once for each file, since five rules ask. */
const read = new WeakMap<CaseOnFile, Map<number, Suspect[]>>();
const suspectsOf = (file: CaseOnFile, finding: FindingOnFile): Suspect[] => {
  const known = read.get(file) ?? new Map<number, Suspect[]>();
  read.set(file, known);
  const found = known.get(finding.number) ?? suspectsIn(finding.publicStatement ?? "", { passages: file.quotes, places: placesOf(file) });
  known.set(finding.number, found);
  return found;
};

const MONTH = /janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre/;
/** A date rather than a length of time or a number: it names a month, a year, or is written in figures. */
const isDate = (text: string): boolean => MONTH.test(foldText(text)) || /\d[/.-]\d|^(?:19|20)\d{2}$/.test(text);
/** Whether a date is one of this case: the act, the receipt, or an entry of the chronology; without a year, of the year of the act. */
const isOfCase = (text: string, { sheet, entries }: CaseOnFile): boolean => {
  const days = new Set([
    sheet.actDate,
    sheet.receivedOn,
    ...entries.filter(({ precision }) => precision === "day").map((one) => one.starts_on),
  ]);
  const date = readDate(text) ?? readDate(`${text} ${sheet.actDate.slice(0, 4)}`);
  return date?.precision === "day" && days.has(date.first);
};

const said = (place: Place, words: readonly string[]): Issue[] =>
  [...new Set(words)].map((one) => ({ place, params: { found: { said: one } } }));
/** One issue for each thing that a public statement holds and should not. */
const inPublic =
  (look: (finding: FindingOnFile, file: CaseOnFile, text: string) => readonly string[]) =>
  (file: CaseOnFile): Issue[] =>
    file.findings.flatMap((finding) =>
      finding.publicStatement === null ? [] : said(at(finding), look(finding, file, finding.publicStatement)),
    );

const PERSON = /(?<![\p{L}\p{N}])(?:Madame|Monsieur|Mademoiselle|Mme|Mlle|M\.|Mr\.?|Mrs\.?|Ms\.?)\s+\p{Lu}[\p{L}’'-]*\.?/gu;
/** Receipt and case numbers, addresses, telephone numbers; not the number of a law or of a directive (2012/29). */
const IDENTIFIER = new RegExp(
  [
    String.raw`RETEX-\d{4}-\d+`,
    String.raw`[^\s@]+@[^\s@]+\.\p{L}{2,}`,
    String.raw`(?:\d{2}[\s.\u00a0\u202f]){4}\d{2}`,
    String.raw`(?<!\d)(?!(?:19|20)\d{2}\/)\d{3,}\/\d{2,}(?:\/\d+)*`,
    String.raw`(?<!\d)(?:19|20)\d{2}\/\d{4,}`,
    String.raw`\d{6,}`,
  ].join("|"),
  "gu",
);
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([found]) => found);

/** Whether the codings that a finding rests on are all of one kind. */
const allRestOn = (file: CaseOnFile, test: (value: ValueOnFile) => boolean): Issue[] =>
  file.findings
    .filter(blames)
    .filter((finding) => {
      const basis = basisOf(finding, file);
      return basis.length > 0 && basis.every(test);
    })
    .map((finding) => ({ place: at(finding), params: { number: finding.number } }));

const numbered = (file: CaseOnFile, test: (finding: FindingOnFile) => boolean): Issue[] =>
  file.findings.filter(test).map((finding) => ({ place: at(finding), params: { number: finding.number } }));

/** What findings rest on, what was coded and became no finding, and what a public statement must not say. */
export const FINDING_RULES = [
  {
    // A finding is no opinion: it rests on a factor and on words of the document.
    code: "finding_without_evidence",
    severity: "blocking",
    about: "finding",
    refusedApart: true,
    check: (file) => numbered(file, ({ factors, passages }) => factors.length === 0 || passages.length === 0),
  },
  {
    // The coding was changed under it.
    code: "finding_evidence_lost",
    severity: "blocking",
    about: "finding",
    refusedApart: true,
    check: (file) =>
      file.findings.flatMap((finding) => {
        const gone = finding.factors.filter((factor) => documented(file, factor).length === 0);
        if (gone.length > 0) return gone.map((factor) => ({ place: at(finding), params: { number: finding.number, factor: { factor } } }));
        const held = new Set(basisOf(finding, file).flatMap(({ passages }) => passages));
        const loose = finding.factors.filter((factor) => documented(file, factor).length > 0)[0];
        return loose !== undefined && finding.passages.some((passage) => !held.has(passage))
          ? [{ place: at(finding), params: { number: finding.number, factor: { factor: loose } } }]
          : [];
      }),
  },
  {
    // A sign that no service knew before the act was missed by none.
    code: "missed_signal_not_known",
    severity: "blocking",
    about: "finding",
    check: (file) => numbered(file, ({ kind, knownWhen }) => kind === "missed_signal" && knownWhen !== "service_before"),
  },
  {
    // The coding should say the same as the finding: known to a service, before.
    code: "missed_signal_coded_otherwise",
    severity: "warning",
    about: "finding",
    check: (file) =>
      numbered(file, (finding) => {
        const basis = basisOf(finding, file);
        return finding.kind === "missed_signal" && basis.length > 0 && basis.every(({ knownWhen }) => knownWhen !== "service_before");
      }),
  },
  {
    // What came after the act cannot have been seen before it.
    code: "signal_after_act",
    severity: "blocking",
    about: "finding",
    check: (file) =>
      numbered(file, (finding) => {
        const cited = file.entries.filter(({ id }) => finding.entries.includes(id));
        return (
          finding.kind === "missed_signal" &&
          cited.length > 0 &&
          cited.every((entry) => standingOf(entry, file.sheet.actDate).kind === "after")
        );
      }),
  },
  {
    // Coded for nothing, or forgotten: a risk factor that is present calls for a word.
    code: "risk_without_finding",
    severity: "warning",
    about: "finding",
    once: "coded",
    check: (file) =>
      presentRisks(file)
        .filter(({ knownWhen, factor }) => knownWhen !== "service_before" && !file.findings.some(({ factors }) => factors.includes(factor)))
        .map((one) => ({ place: placeOf(one), params: { factor: { factor: one.factor } } })),
  },
  {
    // Known to a service before the act: a missed signal, a failing, or the reason why neither.
    code: "known_risk_without_signal",
    severity: "warning",
    about: "finding",
    once: "coded",
    check: (file) =>
      presentRisks(file)
        .filter(
          ({ knownWhen, factor }) =>
            knownWhen === "service_before" &&
            !file.findings.some((finding) => finding.kind !== "context" && finding.factors.includes(factor)),
        )
        .map((one) => ({ place: placeOf(one), params: { factor: { factor: one.factor } } })),
  },
  {
    // A failing, or a good practice, that the report points out.
    code: "response_without_finding",
    severity: "warning",
    about: "finding",
    once: "coded",
    check: (file) =>
      presentResponse(file)
        .filter(({ factor }) => !file.findings.some(({ factors }) => factors.includes(factor)))
        .map((one) => ({ place: placeOf(one), params: { factor: { factor: one.factor } } })),
  },
  {
    // Nobody can answer a failing that concerns nobody.
    code: "finding_without_service",
    severity: "warning",
    about: "finding",
    check: (file) => numbered(file, (finding) => blames(finding) && !finding.service?.trim()),
  },
  {
    // What a service is blamed for depends on when it was known.
    code: "finding_without_known_when",
    severity: "warning",
    about: "finding",
    check: (file) => numbered(file, ({ kind, knownWhen }) => kind === "failing" && (knownWhen === null || knownWhen === "unknown")),
  },
  {
    // The catalogue of good practices is public: without public words, nobody will read of this one.
    code: "practice_without_public_words",
    severity: "warning",
    about: "finding",
    check: (file) => numbered(file, ({ kind, publicStatement }) => kind === "good_practice" && !publicStatement?.trim()),
  },
  {
    // The day is enough to find the case in any newspaper.
    code: "public_date_of_case",
    severity: "blocking",
    about: "finding",
    check: inPublic((finding, file) =>
      suspectsOf(file, finding)
        .filter(({ check, text }) => check === "date" && isOfCase(text, file))
        .map(({ text }) => text),
    ),
  },
  {
    // Another date may be that of a law, or of the case.
    code: "public_date",
    severity: "warning",
    about: "finding",
    check: inPublic((finding, file) =>
      suspectsOf(file, finding)
        .filter(({ check, text }) => check === "date" && isDate(text) && !isOfCase(text, file))
        .map(({ text }) => text),
    ),
  },
  {
    // The département or the town of the case.
    code: "public_place_of_case",
    severity: "blocking",
    about: "finding",
    check: inPublic((finding, file) => {
      const own = placesOf(file).map(foldText);
      return suspectsOf(file, finding)
        .filter(({ check, text }) => check === "place" && own.includes(foldText(text)))
        .map(({ text }) => text);
    }),
  },
  {
    // Any place below the region narrows the search.
    code: "public_place",
    severity: "warning",
    about: "finding",
    check: inPublic((finding, file) => {
      const own = placesOf(file).map(foldText);
      return suspectsOf(file, finding)
        .filter(({ check, text }) => check === "place" && !own.includes(foldText(text)))
        .map(({ text }) => text);
    }),
  },
  {
    // An age, with what is known besides, names a person.
    code: "public_age",
    severity: "warning",
    about: "finding",
    check: inPublic((finding, file) =>
      suspectsOf(file, finding)
        .filter(({ check }) => check === "age")
        .map(({ text }) => text),
    ),
  },
  {
    // Six words in a row of the file are a quote, whether or not they stand between quotation marks.
    code: "public_quote",
    severity: "warning",
    about: "finding",
    check: inPublic((finding, file) =>
      suspectsOf(file, finding)
        .filter(({ check }) => check === "quote")
        .map(({ text }) => text),
    ),
  },
  {
    // Numbers of files, telephone numbers, addresses.
    code: "public_identifier",
    severity: "blocking",
    about: "finding",
    check: inPublic((_, __, text) => matches(text, IDENTIFIER)),
  },
  {
    // Nobody is named, not even by an initial.
    code: "public_person",
    severity: "warning",
    about: "finding",
    check: inPublic((_, __, text) => matches(text, PERSON)),
  },
  {
    // The coder was not sure: nobody should be blamed before somebody is.
    code: "blame_on_low_confidence",
    severity: "warning",
    about: "finding",
    check: (file) => allRestOn(file, ({ confidence }) => confidence === "low"),
  },
  {
    // What one person says in their own cause founds no failing of another.
    code: "blame_on_perpetrator_word",
    severity: "warning",
    about: "finding",
    check: (file) => allRestOn(file, ({ basis }) => basis === "perpetrator"),
  },
  {
    // A deduction is no observation.
    code: "blame_on_inference",
    severity: "warning",
    about: "finding",
    check: (file) => allRestOn(file, ({ basis }) => basis === "inference"),
  },
  {
    // The same finding twice counts twice.
    code: "finding_twice",
    severity: "warning",
    about: "finding",
    check: ({ findings }) =>
      findings.flatMap((finding, index) => {
        const first = findings.slice(0, index).find(({ statement }) => foldText(statement) === foldText(finding.statement));
        return first ? [{ place: at(finding), params: { number: finding.number, first: first.number } }] : [];
      }),
  },
  {
    // A failing that nothing is proposed for will happen again.
    code: "failing_without_recommendation",
    severity: "warning",
    about: "finding",
    once: "coded",
    check: (file) =>
      numbered(file, ({ kind, number }) => kind === "failing" && !file.recommendations.some(({ findings }) => findings.includes(number))),
  },
] as const satisfies readonly QualityRule[];
