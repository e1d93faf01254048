import type { IsoDate } from "../../db/schema.ts";
import { integer } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import { type Precision, type Standing, spokenDate } from "./dates.ts";
import type { ChronologyFacts, Entry } from "./queries.ts";

/** When an entry took place: "12 mars 2022", "mars 2022", "de 2019 à mars 2022". */
export function whenLabel(
  {
    starts_on,
    precision,
    ends_on,
    ends_precision,
  }: { starts_on: IsoDate; precision: Precision; ends_on: IsoDate | null; ends_precision: Precision | null },
  language: Language,
  t: T,
): string {
  const start = spokenDate(starts_on, precision, language);
  if (ends_on === null || ends_precision === null) return start;
  const end = spokenDate(ends_on, ends_precision, language);
  return precision === "day" ? t("chronology.when.days", { start, end }) : t("chronology.when.period", { start, end });
}

const days = (count: number, language: Language, t: T) => t("chronology.days", { count, n: integer(count, language) });

/** "12 jours avant", "de 12 à 43 jours avant", "le jour des faits", "3 jours après". */
export function standingLabel(standing: Standing, period: boolean, language: Language, t: T): string {
  if (standing.kind === "on") return t("chronology.standing.on");
  if (standing.kind === "around") return t(period ? "chronology.standing.lasting" : "chronology.standing.around");
  const { kind, least, most } = standing;
  if (least === most) return t(`chronology.standing.${kind}`, { days: days(least, language, t) });
  if (period && kind === "before")
    return t("chronology.standing.period", { from: integer(most, language), days: days(least, language, t) });
  return t(`chronology.standing.${kind}Range`, { from: integer(least, language), days: days(most, language, t) });
}

/** "Victime 1", or null for the whole case. */
export const personWords = (person: Entry["person"], t: T): string | null =>
  person && `${t(`reports.people.${person.kind}`)} ${person.number}`;

/** The chronology in a line: how many contacts came before the act, and how long before the last one. */
export function factsLabel({ entries, contacts, last }: ChronologyFacts, language: Language, t: T): string {
  if (entries === 0) return t("chronology.facts.none");
  if (!last) return t("chronology.facts.noContact", { count: entries, n: integer(entries, language) });
  const said =
    last.least === last.most
      ? days(last.least, language, t)
      : t("chronology.facts.range", { from: integer(last.least, language), days: days(last.most, language, t) });
  return t(last.uncertain ? "chronology.facts.lastUncertain" : "chronology.facts.last", {
    contacts: t("chronology.facts.contacts", { count: contacts, n: integer(contacts, language) }),
    days: said,
  });
}

/** The passage's place: "document 1, page 3". */
export const placeLabel = ({ document, page }: { document: number; page: number | null }, t: T): string =>
  page === null ? t("chronology.place.document", { number: document }) : t("chronology.place.page", { number: document, page });
