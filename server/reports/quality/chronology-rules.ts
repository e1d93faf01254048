import { rangeOf, spanOf, standingOf } from "../../chronology/dates.ts";
import { foldText } from "../fold.ts";
import { allAre, type CaseOnFile, type EntryOnFile, numberOf, type QualityRule } from "./case.ts";

const POLICE = /\b(?:police|gendarmerie|gendarmes?|brigade|commissariat|patrouille)\b/;
/** A contact a day or two nearer is the same contact, counted otherwise. */
const SAME_CONTACT_DAYS = 3;

const at = (entry: EntryOnFile) => ({ on: "chronology" as const, entry: entry.id });
const surelyBefore = (entry: EntryOnFile, { sheet }: CaseOnFile): boolean =>
  entry.uncertain === 0 && standingOf(entry, sheet.actDate).kind === "before";

/** What an entry of the chronology is at odds with: the factor that says there was no such thing. */
const denied = (entry: EntryOnFile, file: CaseOnFile): string | null => {
  switch (entry.kind) {
    case "complaint":
      return allAre(file, "complaint_filed", "absent") && allAre(file, "main_courante_pvrj", "absent") ? "complaint_filed" : null;
    case "report":
      return allAre(file, "third_party_report", "none") ? "third_party_report" : null;
    case "contact":
      return numberOf(file, "police_interventions") === 0 && entry.service !== null && POLICE.test(foldText(entry.service))
        ? "police_interventions"
        : null;
    default:
      return null;
  }
};

const asWords = (text: string): string => ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
/** Whether a text names a measure: by the first of its indicator terms, which is its name, or by its initials as they are written. */
const names = (text: string, [name, ...others]: readonly string[]): boolean =>
  name !== undefined &&
  (asWords(foldText(text)).includes(asWords(foldText(name))) ||
    others.some((term) => /^\p{Lu}{3,6}$/u.test(term) && asWords(text).includes(asWords(term))));

/** Dates in order, and the chronology beside the coding. */
export const CHRONOLOGY_RULES = [
  {
    // Nobody writes of a day that has not come.
    code: "entry_in_future",
    severity: "blocking",
    about: "chronology",
    check: ({ entries }) =>
      entries
        .filter((entry) => entry.starts_on > entry.writtenOn)
        .map((entry) => ({ place: at(entry), params: { date: { day: entry.starts_on } } })),
  },
  {
    // "Absent" is a finding about the file: an entry that tells of the thing says otherwise.
    code: "entry_contradicts_coding",
    severity: "warning",
    about: "chronology",
    check: (file) =>
      file.entries
        .filter((entry) => surelyBefore(entry, file))
        .flatMap((entry) => {
          const factor = denied(entry, file);
          return factor ? [{ place: at(entry), params: { factor: { factor }, date: { day: entry.starts_on } } }] : [];
        }),
  },
  {
    // Days since the last contact are counted from the last contact.
    code: "later_contact_known",
    severity: "warning",
    about: "chronology",
    factors: ["days_since_last_contact"],
    check: (file) => {
      const days = numberOf(file, "days_since_last_contact");
      if (days === null) return [];
      return file.entries
        .filter((entry) => ["contact", "report", "complaint"].includes(entry.kind) && entry.service !== null && entry.precision === "day")
        .filter((entry) => surelyBefore(entry, file))
        .map((entry) => ({ entry, before: rangeOf(standingOf(entry, file.sheet.actDate)).least }))
        .filter(({ before }) => before + SAME_CONTACT_DAYS < days)
        .map(({ entry, before }) => ({ place: at(entry), params: { days, before } }));
    },
  },
  {
    // A measure named before it existed is another measure, or another date.
    code: "entry_before_law",
    severity: "warning",
    about: "chronology",
    check: (file) =>
      file.entries
        .filter(({ kind }) => kind === "measure")
        .flatMap((entry) =>
          file.codebook.factors
            .filter(
              ({ availableFrom, type }) => availableFrom !== null && type === "category" && spanOf(entry).last.slice(0, 7) < availableFrom,
            )
            .filter(({ indicatorTermsFr }) => names(entry.description, indicatorTermsFr))
            .slice(0, 1)
            .map(({ code, availableFrom }) => ({
              place: at(entry),
              params: { factor: { factor: code }, from: { month: availableFrom! }, date: { day: entry.starts_on } },
            })),
        ),
  },
  {
    // What a finding cites must be found in the document by whoever reads it.
    code: "cited_entry_without_passage",
    severity: "warning",
    about: "chronology",
    check: ({ entries, findings }) =>
      entries
        .filter(({ passage_id }) => passage_id === null)
        .flatMap((entry) =>
          findings
            .filter((finding) => finding.entries.includes(entry.id))
            .slice(0, 1)
            .map(({ number }) => ({ place: at(entry), params: { number, date: { day: entry.starts_on } } })),
        ),
  },
] as const satisfies readonly QualityRule[];
