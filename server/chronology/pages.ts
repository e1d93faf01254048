import type { Db, ReportTable } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { offers } from "../../workflows/report.decide.ts";
import { explain, notOffered } from "../../workflows/report.words.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { expectedIn, keyOf, subjectOf } from "../coding/expected.ts";
import { valueLabel, whoseLabel } from "../coding/labels.ts";
import { layerFor } from "../coding/layers.ts";
import { NotFound, Refusal } from "../http/errors.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { integer, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { factsOf } from "../reports/facts.ts";
import { findReport, listDocuments, peopleOf } from "../reports/queries.ts";
import { veilOf } from "../wellbeing/veil.ts";
import { rangeOf, spanOf, standingOf, writtenDate } from "./dates.ts";
import { drawTimeline, type Mark } from "./drawing.ts";
import { citedBy, ENTRY_KINDS, type Entry, factorsOfPassages, factsOfEntries, listEntries } from "./queries.ts";
import { factsLabel, personWords, placeLabel, standingLabel, whenLabel } from "./words.ts";
import { findEntry } from "./write.ts";

type Choice = { value: string; label: string; group?: string };
type Link = { href: string; label: string };
export type Line = {
  kind: "entry";
  id: string;
  number: number;
  anchor: string;
  when: string;
  uncertain: boolean;
  standing: string;
  after: boolean;
  type: string;
  service: string | null;
  person: string | null;
  description: string;
  response: string | null;
  passage: { quote: string; place: string; href: string; veiled: boolean } | null;
  cited: Link[];
  edit: string | null;
  /** The form that ties its passage to a factor. */
  tie: Field | null;
  version: number;
};
type Row = Line | { kind: "act"; when: string; label: string };

/** Why this person may not write now, in words; none when they may. */
async function closedTo(db: Db, report: ReportTable, by: Actor, language: Language): Promise<string[]> {
  const facts = await factsOf(db, report);
  const offer = offers(report.state, facts, by).find(({ type }) => type === "VALUE_CODED");
  return offer ? offer.broken.map((rule) => explain(rule, facts, by, language)) : [notOffered("VALUE_CODED", report.state, language)];
}

/** Why the chronology shows less than it may hold; null when it shows everything. */
const blindNote = (report: ReportTable, writes: boolean, t: T): string | null =>
  report.coding_mode !== "blind" ? null : t(writes ? "chronology.blind.own" : "chronology.blind.none");

/** An entry as a line of the table. */
export function lineOf(
  entry: Entry,
  number: number,
  report: Pick<ReportTable, "id" | "act_date">,
  language: Language,
  t: T,
): Omit<Line, "cited" | "edit" | "tie"> {
  const standing = standingOf(entry, report.act_date);
  const said = standingLabel(standing, entry.ends_on !== null, language, t);
  return {
    kind: "entry",
    id: entry.id,
    number,
    anchor: `entree-${entry.id}`,
    when: whenLabel(entry, language, t),
    uncertain: entry.uncertain === 1,
    standing: entry.uncertain === 1 && standing.kind !== "around" ? t("chronology.standing.about", { standing: said }) : said,
    after: standing.kind === "after",
    type: t(`chronology.kinds.${entry.kind}`),
    service: entry.service,
    person: personWords(entry.person, t),
    description: entry.description,
    response: entry.response,
    passage: entry.passage && {
      quote: entry.passage.quote,
      place: placeLabel(entry.passage, t),
      href: `/rapports/${report.id}/codage?document=${entry.passage.document}`,
      veiled: false,
    },
    version: entry.version,
  };
}

const veiled = (line: ReturnType<typeof lineOf>, covered: boolean) => ({
  ...line,
  passage: line.passage && { ...line.passage, veiled: covered },
});

/** Lines with the act among them, where it falls. */
const withAct = (lines: Line[], entries: readonly Entry[], report: ReportTable, language: Language, t: T): Row[] => {
  const act: Row = { kind: "act", when: longDate(report.act_date, language), label: t(`reports.actKinds.${report.act_kind}`) };
  const at = entries.findIndex((entry) => spanOf(entry).first > report.act_date);
  return at < 0 ? [...lines, act] : [...lines.slice(0, at), act, ...lines.slice(at)];
};

function drawn(entries: readonly Entry[], report: ReportTable, language: Language, t: T): string {
  const marks = entries.map((entry, at): Mark => {
    const { least, most } = rangeOf(standingOf(entry, report.act_date));
    return {
      label: `${at + 1}. ${t(`chronology.short.${entry.kind}`)}`,
      most,
      least,
      look: entry.ends_on !== null ? "period" : entry.precision === "day" ? "day" : "span",
      uncertain: entry.uncertain === 1,
    };
  });
  const before = entries.filter((entry) => standingOf(entry, report.act_date).kind === "before").length;
  const after = entries.filter((entry) => standingOf(entry, report.act_date).kind === "after").length;
  return drawTimeline(
    marks,
    {
      title: t("chronology.drawing.title"),
      description: t("chronology.drawing.text", {
        count: entries.length,
        n: integer(entries.length, language),
        before: integer(before, language),
        after: integer(after, language),
      }),
      act: t("chronology.drawing.act"),
      after: t("chronology.drawing.after"),
      looks: {
        day: t("chronology.drawing.day"),
        period: t("chronology.drawing.period"),
        span: t("chronology.drawing.span"),
        uncertain: t("chronology.drawing.uncertain"),
      },
    },
    (count) =>
      count < 30
        ? t("chronology.drawing.days", { count })
        : count < 365
          ? t("chronology.drawing.months", { count: Math.round(count / 30.4) })
          : t("chronology.drawing.years", { count: Math.round(count / 365.25) }),
  );
}

const trail = (id: string, t: T, ...steps: { label: string; href?: string }[]) => [
  { href: "/rapports", label: t("reports.list.title") },
  { href: `/rapports/${id}`, label: id },
  ...steps,
];

/** What can be coded, as the choices of a select: "factor subject", with the value it has on this person's layer. */
async function factorChoices(db: Db, report: ReportTable, by: Actor, language: Language, t: T): Promise<Choice[]> {
  const codebook = await codebookVersion(db, report.codebook_version);
  const people = await peopleOf(db, report.id);
  const coded = await db
    .selectFrom("coding")
    .select(["factor", "subject", "value"])
    .where("report_id", "=", report.id)
    .where("layer", "=", await layerFor(db, report, by.id))
    .execute();
  const values = new Map(coded.map(({ factor, subject, value }) => [keyOf(factor, subject), value]));
  return codebook.sections.flatMap((section) =>
    expectedIn(section, codebook.factors, people, report).flatMap((expected): Choice[] => {
      const { factor } = expected;
      const key = keyOf(factor.code, subjectOf(expected));
      const value = values.get(key);
      // A factor other than a presence takes its value first, on the coding page.
      if (value === undefined && factor.type !== "presence") return [];
      const said = value === undefined ? t("chronology.tie.becomes") : valueLabel(codebook, factor, value, t, language);
      const whose = whoseLabel(expected, report, t);
      const label = labelOf(factor, language);
      const name = whose ? t("chronology.tie.of", { factor: label, person: whose }) : label;
      return [{ value: key, label: t("chronology.tie.choice", { factor: name, value: said }), group: labelOf(section, language) }];
    }),
  );
}

const chronologyTemplate = template<{
  id: string;
  title: string;
  trail: { label: string; href?: string }[];
  facts: string;
  note: string | null;
  /** Why the reader cannot write now; none when they can. */
  closed: string[];
  add: string | null;
  chart: { svg: string } | null;
  rows: Row[];
  factors: Choice[];
  exports: Link[];
  contactFactor: string | null;
  errors: { href: string; text: string }[];
}>("chronology/show", { wide: true });

/** The chronology of a report: the line of time and its table. `about` is the entry whose form came back with problems. @throws NotFound */
export async function chronologyPage(
  db: Db,
  id: string,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
  about: string | null = null,
) {
  const { by, t, language, audit } = exchange;
  const report = await findReport(db, id, by);
  const entries = await listEntries(db, report, by);
  const cited = report.coding_mode === "blind" ? new Map<string, number[]>() : await citedBy(db, id);
  const closed = await closedTo(db, report, by, language);
  const writes = closed.length === 0;
  audit("chronology.read", "report", id);
  const covers = await veilOf(db, by.id, "reading", [id]);
  const proves = await factorsOfPassages(db, report, by);
  const lines = entries.map(
    (entry, at): Line => ({
      ...veiled(
        lineOf(entry, at + 1, report, language, t),
        entry.passage !== null && covers(proves.get(entry.passage.id) ?? [], entry.passage.id),
      ),
      cited: (cited.get(entry.id) ?? []).map((number) => ({
        href: `/rapports/${id}/constats#constat-${number}`,
        label: t("findings.finding", { number }),
      })),
      edit: writes ? `/rapports/${id}/chronologie/${entry.id}` : null,
      tie:
        writes && entry.passage
          ? ({ ...field("about", about === entry.id ? typed : null, about === entry.id ? problems : {}), id: `about-${at + 1}` } as Field)
          : null,
    }),
  );
  const codebook = await codebookVersion(db, report.codebook_version);
  const own = writes || (report.coding_mode === "blind" && entries.length > 0);
  return chronologyTemplate(t("chronology.pageTitle", { id }), {
    id,
    title: t("chronology.title"),
    trail: trail(id, t, { label: t("chronology.title") }),
    facts: factsLabel(factsOfEntries(entries, report.act_date), language, t),
    note: blindNote(report, own, t),
    closed,
    add: writes ? `/rapports/${id}/chronologie/nouvelle` : null,
    chart: entries.length > 0 ? { svg: drawn(entries, report, language, t) } : null,
    rows: entries.length > 0 ? withAct(lines, entries, report, language, t) : [],
    factors: lines.some(({ tie }) => tie) ? await factorChoices(db, report, by, language, t) : [],
    exports:
      entries.length > 0
        ? ["csv", "ods"].map((format) => ({ href: `/rapports/${id}/chronologie/export.${format}`, label: format.toUpperCase() }))
        : [],
    contactFactor:
      writes && codebook.factors.some(({ code }) => code === "days_since_last_contact")
        ? `/rapports/${id}/codage?facteur=days_since_last_contact`
        : null,
    errors: Object.values(problems).map((text) => ({ href: `#about-${entries.findIndex((entry) => entry.id === about) + 1}`, text })),
  });
}

const entryTemplate = template<{
  id: string;
  title: string;
  trail: { label: string; href?: string }[];
  to: string;
  back: string;
  version: number | null;
  remove: string | null;
  fields: Record<
    "start" | "end" | "uncertain" | "kind" | "service" | "description" | "response" | "person" | "document" | "quote" | "block" | "page",
    Field
  >;
  kinds: Choice[];
  people: Choice[];
  documents: Choice[];
  services: string[];
  scans: boolean;
  actDate: string;
  errors: { href: string; text: string }[];
}>("chronology/entry");

/** The form of an entry, new (`entryId` null) or existing; `passage` fills a new one. @throws NotFound, Refusal */
export async function entryPage(
  db: Db,
  id: string,
  entryId: string | null,
  exchange: Exchange,
  { typed = null, problems = {}, passage = null }: { typed?: Typed | null; problems?: Problems; passage?: string | null } = {},
) {
  const { by, t, language, audit } = exchange;
  const report = await findReport(db, id, by);
  const entry = entryId === null ? null : await findEntry(db, report, entryId, by);
  const reasons = await closedTo(db, report, by, language);
  if (reasons.length > 0) throw new Refusal(() => reasons, `/rapports/${id}/chronologie`);
  audit("chronology.read", "report", id);
  const documents = await listDocuments(db, id);
  const known = entry?.passage ?? (passage ? await passageToEnter(db, report, passage, by) : null);
  const [only] = documents;
  const title = t(entry ? "chronology.form.edit" : "chronology.form.new");
  const stored = (name: string, value: string | number | null) => field(name, typed, problems, value);
  return entryTemplate(`${title} – ${id}`, {
    id,
    title,
    trail: trail(id, t, { href: `/rapports/${id}/chronologie`, label: t("chronology.title") }, { label: title }),
    to: entry ? `/rapports/${id}/chronologie/${entry.id}` : `/rapports/${id}/chronologie`,
    back: `/rapports/${id}/chronologie`,
    version: typed?.version ? Number(typed.version) : (entry?.version ?? null),
    remove: entry ? `/rapports/${id}/chronologie/${entry.id}/retirer` : null,
    fields: {
      start: stored("start", entry ? writtenDate(entry.starts_on, entry.precision) : ""),
      end: stored("end", entry?.ends_on && entry.ends_precision ? writtenDate(entry.ends_on, entry.ends_precision) : ""),
      uncertain: stored("uncertain", entry?.uncertain === 1 && !typed ? "1" : ""),
      kind: stored("kind", entry?.kind ?? ""),
      service: stored("service", entry?.service ?? ""),
      description: stored("description", entry?.description ?? ""),
      response: stored("response", entry?.response ?? ""),
      person: stored("person", entry?.person_id ?? ""),
      document: stored("document", known?.document ?? (documents.length === 1 && only ? only.number : "")),
      quote: stored("quote", known?.quote ?? ""),
      block: stored("block", ""),
      page: stored("page", known && known.starts === null ? known.page : ""),
    },
    kinds: ENTRY_KINDS.map((kind) => ({ value: kind, label: t(`chronology.kinds.${kind}`) })),
    people: (await peopleOf(db, id)).map((person) => ({ value: person.id, label: personWords(person, t)! })),
    documents: documents.map(({ number, file_name }) => ({ value: String(number), label: `${number}. ${file_name}` })),
    services: [...new Set([report.issuing_service, ...(await listEntries(db, report, by)).flatMap(({ service }) => service ?? [])])].sort(
      (a, b) => a.localeCompare(b, language),
    ),
    scans: documents.some(({ has_text }) => has_text === 0),
    actDate: longDate(report.act_date, language),
    errors: summary(problems),
  });
}

/** A passage of the report to begin an entry with: while two code blind, one's own alone. @throws NotFound */
async function passageToEnter(db: Db, report: ReportTable, passage: string, by: Actor) {
  const row = await db
    .selectFrom("passage")
    .innerJoin("document", "document.id", "passage.document_id")
    .select(["passage.starts", "passage.page", "passage.quote", "passage.created_by", "document.number as document"])
    .where("passage.id", "=", passage)
    .where("passage.report_id", "=", report.id)
    .executeTakeFirst();
  if (!row || (report.coding_mode === "blind" && row.created_by !== by.id)) throw new NotFound();
  return row;
}
