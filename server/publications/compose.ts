import { createHash } from "node:crypto";
import type { PublicationTable } from "../../db/schema.ts";
import { isSmall, maskRow, maskSmall } from "../disclosure/mask.ts";
import { barChart, stackedBarChart } from "../exchange/charts.ts";
import { typographic } from "../exchange/typography.ts";
import { dayOf, integer, longDate, percent } from "../http/formats.ts";
import { translator } from "../http/words.ts";
import type { Presence, YearFigures } from "./figures.ts";
import type { Block, LetterDocument, LetterTable } from "./letter-document.ts";

/** What a letter is composed with beside the figures. */
export type Occasion = {
  publication: Pick<PublicationTable, "title" | "language" | "foreword">;
  demo: boolean;
  /** Version of the software. */
  version: string;
  /** The instant at which the data are read. */
  now: string;
};

/** Counts as they may be printed: null is masked. `documented` is null as soon as one of its two parts is. */
type Printable = {
  present: number | null;
  absent: number | null;
  notDocumented: number | null;
  documented: number | null;
  total: number | null;
};

const LISTED = 12;
const DRAWN = 8;

/**
 * The parts of a set of cases as they may be printed. Beside each part of 1 to 4 another one is masked, and where the hidden parts together,
 * the documented cases or the whole set are still 1 to 4, all of them: a subtraction never leads back to a small group.
 */
export function printable({ present, absent, notDocumented }: Presence): Printable {
  const total = present + absent + notDocumented;
  const nothing = { present: null, absent: null, notDocumented: null, documented: null };
  if (isSmall(total)) return { ...nothing, total: null };
  const parts = [present, absent, notDocumented];
  const masked = maskRow(parts, total);
  const hidden = parts.filter((_, at) => masked[at] === null);
  const hiddenSum = hidden.reduce((sum, count) => sum + count, 0);
  if (hidden.length === 1 || isSmall(hiddenSum) || isSmall(present + absent)) return { ...nothing, total };
  const [p = null, a = null, n = null] = masked;
  return { present: p, absent: a, notDocumented: n, documented: p === null || a === null ? null : p + a, total };
}

/** SHA-256 of a frozen letter, hexadecimal. */
export const digestOf = (frozen: string): string => createHash("sha256").update(frozen).digest("hex");

/** Text that means itself in Markdown. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>#|~!]/g, "\\$&").replace(/\s+/g, " ");

/**
 * The whole letter: every figure masked, worded and drawn. The same figures on the same day give the same letter, to the byte.
 * Nothing of a case enters it but counts; its words are the foreword, public statements and recommendations.
 */
export function composeLetter(figures: YearFigures, { publication, demo, version, now }: Occasion): LetterDocument {
  const { language } = publication;
  const { year } = figures;
  const t = translator(language);
  const date = longDate(dayOf(now), language);
  const MASKED = "s";
  const count = (n: number | null) => (n === null ? MASKED : integer(n, language));
  const share = (part: number | null, whole: number | null) => {
    if (part === null || whole === null) return MASKED;
    return whole === 0 ? "–" : percent(part / whole, language);
  };

  // Alone in large type, the letter of masking would be read as a figure: the words below it say why there is none.
  const large = (value: string) => (value === MASKED ? "–" : value);

  // All cases analysed are printed: beside them, the homicides received would tell how few the other acts are.
  const givesOthersAway = isSmall(figures.received.others) && figures.analysed > figures.received.homicides;
  const homicides = givesOthersAway ? null : maskSmall(figures.received.homicides);
  const others = maskSmall(figures.received.others);
  const analysed = maskSmall(figures.analysed);
  // Reports still waiting are the difference of two printed totals: they are not told apart by kind of act when they are few.
  const waiting = figures.received.homicides + figures.received.others - figures.analysed;
  const reference = figures.references[0] ?? null;
  const coverage = reference
    ? t("publications.letter.coverage.text", {
        share: share(homicides, reference.value),
        received: count(homicides),
        known: integer(reference.value, language),
        year,
        publisher: reference.publisher,
      })
    : t("publications.letter.coverage.none", { year });

  const ofCases = (row: Printable) => {
    if (row.total === null || row.present === null) return t("publications.letter.figures.masked");
    const all = t("publications.letter.figures.ofAll", { n: count(row.present), total: count(row.total) });
    return row.documented === null
      ? t("publications.letter.figures.documentedMasked", { all })
      : t("publications.letter.figures.ofDocumented", {
          all,
          share: share(row.present, row.documented),
          documented: count(row.documented),
        });
  };
  const prior = printable(figures.priorViolence);
  const known = printable(figures.knownBefore);
  const practice = printable({
    present: figures.casesWithGoodPractice,
    absent: figures.analysed - figures.casesWithGoodPractice,
    notDocumented: 0,
  });

  const blocks: Block[] = [];
  if (publication.foreword.trim() !== "")
    blocks.push({ kind: "text", heading: t("publications.letter.foreword"), markdown: publication.foreword });
  blocks.push({
    kind: "key-figures",
    heading: t("publications.letter.figures.title"),
    figures: [
      {
        value: large(count(homicides)),
        label: t("publications.letter.figures.received", { year }),
        detail:
          others !== null && others > 0 && !isSmall(waiting)
            ? t("publications.letter.figures.others", { n: count(others) })
            : t("publications.letter.figures.othersApart"),
      },
      {
        value: large(count(analysed)),
        label: t("publications.letter.figures.analysed"),
        detail: t("publications.letter.figures.analysedDetail"),
      },
      {
        value: reference ? large(share(homicides, reference.value)) : "–",
        label: t(reference ? "publications.letter.figures.coverage" : "publications.letter.figures.coverageUnknown", { year }),
        detail: reference
          ? t("publications.letter.figures.coverageDetail", {
              received: count(homicides),
              known: integer(reference.value, language),
              publisher: reference.publisher,
            })
          : coverage,
      },
      {
        value: large(share(prior.present, prior.total)),
        label: t("publications.letter.figures.prior"),
        detail: ofCases(prior),
      },
      {
        value: large(share(known.present, known.total)),
        label: t("publications.letter.figures.known"),
        detail: ofCases(known),
      },
      {
        value: large(count(practice.present)),
        label: t("publications.letter.figures.practices"),
        detail:
          practice.present === null
            ? t("publications.letter.figures.masked")
            : t("publications.letter.figures.practicesDetail", { total: count(analysed) }),
      },
    ],
  });

  const rows = listed(figures).map(({ label, ...counts }) => ({ label: typographic(label[language], language), ...printable(counts) }));
  if (analysed === null || rows.length === 0) {
    const why = analysed === 0 ? "none" : analysed === null ? "few" : "masked";
    blocks.push({
      kind: "text",
      heading: t("publications.letter.factors.title"),
      markdown: t(`publications.letter.factors.${why}`, { year }),
    });
  } else {
    const maskedSome = (some: Printable[]) => some.some((row) => row.present === null || row.absent === null || row.notDocumented === null);
    const secret = t("publications.letter.masking");
    const source = t("publications.letter.factors.source", { date, total: count(analysed), year, coverage });
    const head = (...labels: string[]): LetterTable["columns"] => labels.map((label, at) => ({ label, numeric: at > 0 }));
    const factor = t("publications.letter.columns.factor");
    const [present, absent, notDocumented, ofAll, documented] = (
      ["present", "absent", "notDocumented", "ofAll", "ofDocumented"] as const
    ).map((key) => t(`publications.letter.columns.${key}`)) as [string, string, string, string, string];
    blocks.push({
      kind: "table",
      heading: t("publications.letter.factors.title"),
      table: {
        caption: t("publications.letter.factors.caption", { total: count(analysed), year }),
        columns: head(factor, present, absent, notDocumented, ofAll, documented),
        rows: rows.map((row) => [
          row.label,
          count(row.present),
          count(row.absent),
          count(row.notDocumented),
          share(row.present, row.total),
          share(row.present, row.documented),
        ]),
        note: [t("publications.letter.factors.note"), t("publications.letter.factors.listed"), ...(maskedSome(rows) ? [secret] : [])].join(
          " ",
        ),
        source,
      },
    });
    const drawn = rows.slice(0, DRAWN);
    const frequent = {
      title: t("publications.letter.frequent.title"),
      description: t("publications.letter.frequent.description"),
    };
    blocks.push({
      kind: "chart",
      heading: frequent.title,
      description: frequent.description,
      svg: barChart({
        ...frequent,
        language,
        unit: t("publications.letter.frequent.unit", { total: count(analysed) }),
        max: 100,
        bars: drawn.map(({ label, present: cases, total }) => ({
          label,
          value: cases === null || total === null ? null : Math.round((cases / total) * 1000) / 10,
          valueLabel: cases === null ? "" : share(cases, total),
        })),
      }),
      table: {
        caption: t("publications.letter.frequent.caption"),
        columns: head(factor, t("publications.letter.columns.cases"), ofAll),
        rows: drawn.map((row) => [row.label, count(row.present), share(row.present, row.total)]),
        note: drawn.some((row) => row.present === null) ? secret : null,
        source,
      },
    });
    const silence = {
      title: t("publications.letter.silence.title"),
      description: t("publications.letter.silence.description", { total: count(analysed) }),
    };
    blocks.push({
      kind: "chart",
      heading: silence.title,
      description: silence.description,
      svg: stackedBarChart({
        ...silence,
        language,
        unit: t("publications.letter.silence.unit", { total: count(analysed) }),
        rows: drawn.map((row) => ({
          label: row.label,
          present: row.present,
          absent: row.absent,
          notDocumented: row.notDocumented,
          total: analysed,
        })),
      }),
      table: {
        caption: t("publications.letter.silence.caption"),
        columns: head(factor, present, absent, notDocumented),
        rows: drawn.map((row) => [row.label, count(row.present), count(row.absent), count(row.notDocumented)]),
        note: maskedSome(drawn) ? secret : null,
        source,
      },
    });
  }

  blocks.push(
    {
      kind: "good-practices",
      heading: t("publications.letter.practices.title"),
      items: figures.practices.map((text) => ({ text, context: "" })),
      empty: t("publications.letter.practices.empty", { year }),
    },
    {
      kind: "recommendations",
      heading: t("publications.letter.recommendations.title"),
      items: figures.recommendations.map(({ text, addressee, level, theme }, at) => ({
        reference: t("publications.letter.recommendations.number", { n: at + 1 }),
        text,
        addressee: addressee[language],
        details: `${level[language]} · ${theme[language]}`,
      })),
      empty: t("publications.letter.recommendations.empty", { year }),
    },
    {
      kind: "note",
      heading: t("publications.letter.method.title"),
      markdown: [
        t("publications.letter.method.what", { year }),
        ...(["case", "silence", "shares", "masking", "justice"] as const).map((key) => `- ${t(`publications.letter.method.${key}`)}`),
        `- ${t("publications.letter.method.coverage", { coverage })}`,
        `- ${t("publications.letter.method.versions", { codebook: figures.codebookVersions.join(", "), version, date })}`,
      ].join("\n"),
    },
    {
      kind: "note",
      heading: t("publications.letter.sources.title"),
      markdown: [
        `- ${t("publications.letter.sources.own", { date })}`,
        ...figures.references.map(
          ({ value, scope, title, publisher, publishedIn, url }) =>
            `- ${t("publications.letter.sources.reference", {
              year,
              value: integer(value, language),
              scope: t(`publications.letter.scopes.${scope}`),
              title: url && /^https?:\/\/[^\s<>()]+$/.test(url) ? `[${plain(title)}](${url})` : plain(title),
              publisher: plain(publisher),
              publishedIn: publishedIn === null ? "" : `, ${publishedIn}`,
            })}`,
        ),
        ...(figures.references.length === 0 ? [`- ${t("publications.letter.coverage.none", { year })}`] : []),
      ].join("\n"),
    },
  );

  return {
    language,
    title: publication.title,
    subtitle: t("publications.letter.subtitle"),
    issuer: demo ? t("publications.letter.issuerOfDemonstration") : t("publications.letter.issuer"),
    dateLine: t("publications.letter.dateLine", { date }),
    fictional: demo ? t("publications.letter.fictional") : null,
    contents: t("publications.letter.contents"),
    blocks,
  };
}

/**
 * The most frequent risk factors, by the number of cases where each is present, ties in the order of the codebook. One whose number is masked
 * is left out: its place among the others would say how many they are.
 */
const listed = ({ factors }: YearFigures): YearFigures["factors"] =>
  factors
    .filter((row) => row.present > 0 && printable(row).present !== null)
    .sort((a, b) => b.present - a.present)
    .slice(0, LISTED);
