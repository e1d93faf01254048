import type { Db, FindingKind } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { CROSS_FINDING_STATES, type CrossFindingState } from "../../workflows/cross-finding.decide.ts";
import { CROSS_FINDING_STATE_WORDS } from "../../workflows/cross-finding.words.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { type Field, field } from "../http/fields.ts";
import { dayOf, integer, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import type { Language } from "../http/words.ts";
import { factorName, kindTag, stateTag, type Tag } from "./labels.ts";
import {
  FINDINGS_PER_PAGE,
  type FindingFilter,
  listActYears,
  listCrossFindings,
  listWritingYears,
  searchPublishedFindings,
} from "./queries.ts";

export const KINDS = ["failing", "missed_signal", "good_practice", "context"] as const satisfies readonly FindingKind[];
type Choice = { value: string; label: string; group?: string };

/** The factors of the codebook in force as the choices of a select, by section. */
export const factorChoices = ({ sections, factors }: CodebookDefinition, language: Language): Choice[] =>
  sections.flatMap((section) =>
    factors
      .filter((factor) => factor.section === section.code)
      .map((factor) => ({ value: factor.code, label: labelOf(factor, language), group: labelOf(section, language) })),
  );

const FILTERS = ["q", "nature", "etat", "facteur", "service", "annee"] as const;
type FilterName = (typeof FILTERS)[number];
/** What the address of the list says; `onglet` "rapports" searches the published findings of reports. */
export type ListInput = Record<FilterName, string> & { onglet: string; page: number };

const listView = template<{
  title: string;
  tabs: { href: string; label: string; current: boolean }[];
  ofReports: boolean;
  write: string | null;
  fields: Record<FilterName, Field>;
  options: Record<"nature" | "etat" | "facteur" | "annee", Choice[]>;
  filtered: string | null;
  caption: string;
  findings: {
    href: string;
    label: string;
    kind: Tag;
    state: Tag | null;
    changed: boolean;
    statement: string;
    publicStatement: boolean;
    facts: string;
    factors: string;
  }[];
  pagination: Pagination;
}>("cross-findings/list");

/** Every cross-case finding, or every published finding of a report, as the filters let through. */
export async function listPage(db: Db, input: ListInput, { by, t, language, audit }: Exchange) {
  const ofReports = input.onglet === "rapports";
  const codebook = await currentCodebook(db);
  const state = CROSS_FINDING_STATES.find((one) => one === input.etat) ?? null;
  const filter: FindingFilter = {
    kind: KINDS.find((one) => one === input.nature) ?? null,
    factor: /^[a-z0-9_]{1,60}$/.test(input.facteur) ? input.facteur : null,
    service: input.service || null,
    year: /^\d{4}$/.test(input.annee) ? Number(input.annee) : null,
    text: input.q || null,
    page: input.page,
  };
  const address = (query: Record<string, string>) => {
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
    return search ? `/constats?${search}` : "/constats";
  };
  const given: Record<string, string> = Object.fromEntries(FILTERS.map((name) => [name, input[name]]));
  if (ofReports) given["etat"] = "";
  const tab = { onglet: ofReports ? "rapports" : "" };
  const day = (at: string) => longDate(dayOf(at), language);
  const names = (version: CodebookDefinition, codes: readonly string[]) =>
    codes.map((code) => factorName(version, code, language)).join(", ");
  let total: number;
  let findings: Parameters<typeof listView>[1]["findings"];
  if (ofReports) {
    const found = await searchPublishedFindings(db, filter);
    total = found.total;
    findings = [];
    for (const one of found.lines)
      findings.push({
        href: `/rapports/${one.reportId}/editions/${one.edition}#constat-${one.number}`,
        label: t("cross-findings.list.ofReport", { report: one.reportId, number: one.number }),
        kind: kindTag(one.kind, t),
        state: null,
        changed: false,
        statement: one.statement,
        publicStatement: one.publicStatement !== null,
        facts: [
          one.service,
          t("cross-findings.list.act", { year: one.actDate.slice(0, 4) }),
          t("cross-findings.list.published", { date: day(one.publishedAt) }),
        ]
          .filter(Boolean)
          .join(" · "),
        factors: names(await codebookVersion(db, one.codebookVersion), one.factors),
      });
    audit("findings.searched", "findings", "reports", { findings: total });
  } else {
    const found = await listCrossFindings(db, { ...filter, state });
    total = found.total;
    findings = found.lines.map((one) => ({
      href: `/constats/${one.reference}`,
      label: one.reference,
      kind: kindTag(one.kind, t),
      state: stateTag(one.state as CrossFindingState, language),
      changed: one.evidence_changed_at !== null && one.state === "in_review",
      statement: one.statement,
      publicStatement: one.public_statement !== null,
      facts: [
        one.service,
        t("cross-findings.list.reports", { count: one.reports.length }),
        one.approved_at && one.state === "approved"
          ? t("cross-findings.list.approved", { date: day(one.approved_at) })
          : t("cross-findings.list.written", { date: day(one.written_at) }),
      ]
        .filter(Boolean)
        .join(" · "),
      factors: names(codebook, one.factors),
    }));
    audit("cross-findings.listed");
  }
  const typed = { ...input, page: undefined };
  const years = ofReports ? await listActYears(db) : await listWritingYears(db);
  const title = t("cross-findings.title");
  return listView(title, {
    title,
    tabs: [
      { href: "/constats", label: t("cross-findings.tabs.cross"), current: !ofReports },
      { href: "/constats?onglet=rapports", label: t("cross-findings.tabs.reports"), current: ofReports },
    ],
    ofReports,
    write: may(by, "assignReports") || by.roles.includes("analyst") ? "/constats/nouveau" : null,
    fields: Object.fromEntries(FILTERS.map((name) => [name, field(name, typed, {})])) as Record<FilterName, Field>,
    options: {
      nature: KINDS.map((kind) => ({ value: kind, label: t(`findings.kinds.${kind}.label`) })),
      etat: CROSS_FINDING_STATES.map((one) => ({ value: one, label: CROSS_FINDING_STATE_WORDS[one][language] })),
      facteur: factorChoices(codebook, language),
      annee: years.map((year) => ({ value: year, label: year })),
    },
    filtered: Object.values(given).some(Boolean) ? address(tab) : null,
    caption: t(ofReports ? "cross-findings.list.countReports" : "cross-findings.list.countCross", {
      count: total,
      n: integer(total, language),
    }),
    findings,
    pagination: paginate({
      total,
      page: input.page,
      size: FINDINGS_PER_PAGE,
      href: (page) => address({ ...tab, ...given, page: page > 1 ? String(page) : "" }),
    }),
  });
}
