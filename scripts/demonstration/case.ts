import type { AppliesTo } from "../../server/codebook/definition.ts";

export type Sex = "female" | "male" | "unknown";
export type Value = string | string[] | number;
export type Basis = "judgment" | "official_record" | "professional" | "relative" | "perpetrator" | "inference";
export type KnownWhen = "service_before" | "entourage_before" | "discovered_after" | "unknown";

export type Court = { srj: string; name: string; appeal: string; department: string };

/** A victim or perpetrator beside the main ones: the report says little of them. */
export type OtherPerson = { kind: "victim" | "perpetrator"; sex: Sex; name: string; values: Record<string, Value> };

/** One invented case, decided before a word of its report is written. `values` holds what the report documents; what it lacks is silence. */
export type Case = {
  year: number;
  actDate: string;
  receivedOn: string;
  outcome: "homicide" | "attempted_homicide" | "forced_suicide" | "forced_suicide_attempt";
  victimSex: "female" | "male";
  perpetratorSex: "female" | "male";
  victimAge: number;
  perpetratorAge: number;
  motive: string;
  /** The couple, whatever the report documents. */
  status: string;
  union: string;
  /** Violence of the perpetrator on the victim before the act; violence of the victim on the perpetrator. */
  prior: boolean;
  reverse: boolean;
  /** Police or gendarmerie knew of the violence; the victim lodged a complaint; any service knew something. */
  reported: boolean;
  complaint: boolean;
  serviceKnew: boolean;
  force: "police" | "gendarmerie";
  departmentCode: string;
  departmentName: string;
  court: Court;
  /** Initial of a commune that does not exist. */
  commune: string;
  /** Minors of the household; null when the report does not say. */
  minors: number | null;
  perpetratorDied: boolean;
  proceedings: string;
  issuingKind: "prosecutor" | "general_prosecutor" | "inspection" | "police" | "gendarmerie" | "other";
  dates: Record<string, string>;
  values: Record<string, Value>;
  others: OtherPerson[];
};

export const is =
  (code: string, ...values: string[]) =>
  (c: Case): boolean => {
    const value = c.values[code];
    return Array.isArray(value) ? value.some((one) => values.includes(one)) : typeof value === "string" && values.includes(value);
  };

export const died = (c: Case): boolean => c.outcome === "homicide" || c.outcome === "forced_suicide";

/** One way of saying one value. Without a mark in the text, the whole sentence is the passage. */
export type Variant = {
  text: string;
  knownWhen: KnownWhen | null;
  basis: Basis;
  /** Names what exactly is said, where a finding depends on it. */
  tag: string | null;
  when: ((c: Case) => boolean) | null;
  note: string | null;
};

/** Factor → value → ways of saying it. For numbers the values are "0", "1" and "n". */
export type Sentences = Record<string, Record<string, Variant[]>>;

type More = { tag?: string; when?: (c: Case) => boolean; note?: string };

const saying =
  (knownWhen: KnownWhen | null, basis: Basis, general: ((c: Case) => boolean) | null = null) =>
  (text: string, more: More = {}): Variant => {
    const own = more.when ?? null;
    const when = general === null ? own : own === null ? general : (c: Case) => general(c) && own(c);
    return { text, knownWhen, basis, tag: more.tag ?? null, when, note: more.note ?? null };
  };

/** A fact of the procedure, for which when it was known has no meaning. */
export const fact = saying(null, "official_record");
/** Written by a service before the act. */
export const record = saying("service_before", "official_record", (c) => c.serviceKnew);
/** Seen by a professional before the act. */
export const care = saying("service_before", "professional");
/** Held by a service before the act, even one that knew nothing of violence (a file, a licence, a register). */
export const file = saying("service_before", "official_record");
/** Said by people around, who knew before the act. */
export const around = saying("entourage_before", "relative");
/** Found by the investigation. */
export const found = saying("discovered_after", "official_record");
/** Said by an expert or carer after the act. */
export const expert = saying("discovered_after", "professional");
/** Said by the perpetrator alone. */
export const avowed = saying("discovered_after", "perpetrator", (c) => !c.perpetratorDied);
/** What the writer of the report concludes about services. */
export const judged = saying("service_before", "inference");
/** A decision of a court. */
export const ruled = saying(null, "judgment");

export type Person = { kind: Exclude<AppliesTo, "case">; number: number };
