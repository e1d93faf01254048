import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { REPORT_STATES, type ReportState } from "../../workflows/report.decide.ts";
import { STATE_WORDS } from "../../workflows/report.words.ts";
import { listAccountsWithRole } from "../accounts/queries.ts";
import { type Field, field, type Typed } from "../http/fields.ts";
import { dayOf, shortDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template, type View } from "../http/views.ts";
import { ACT_KINDS } from "./forms.ts";
import { type Choice, choices, departmentChoices, stateTag, type Tag } from "./labels.ts";
import { departmentLabel } from "./places.ts";
import { listReports, REPORTS_PER_PAGE, type ReportFilter, type ReportSort, totalOfReports, untilNextEvent } from "./queries.ts";

type Line = {
  href: string;
  id: string;
  state: Tag;
  actDate: string;
  actKind: string;
  department: string;
  service: string;
  received: string;
  analysts: string;
  notes: Tag[];
};
type SortHeader = { label: string; href: string; direction: "ascending" | "descending" | null };
const listPage = template<{
  title: string;
  lead: string;
  deposit: { href: string; label: string } | null;
  importing: { href: string; label: string } | null;
  deposits: boolean;
  lines: Line[];
  headers: Record<ReportSort, SortHeader>;
  filters: Record<"etat" | "annee" | "departement" | "nature" | "analyste" | "q", Field>;
  sort: { tri: string; ordre: string };
  options: Record<"states" | "years" | "departments" | "kinds" | "analysts", Choice[]>;
  filtered: boolean;
  caption: string;
  pagination: Pagination;
}>("reports/list", { wide: true, repeatable: true });

export type ListInput = {
  etat: string;
  annee: string;
  departement: string;
  nature: string;
  analyste: string;
  q: string;
  tri: ReportSort;
  ordre: "asc" | "desc";
  page: number;
};

/** The list of reports, or of one's own deposits for a correspondent; made once between two events for all who would see the same. */
export function reportListPage(db: Db, input: ListInput, exchange: Exchange): Promise<View> {
  const { by, language, now } = exchange;
  const own = may(by, "readCases") ? null : by.id;
  const question = JSON.stringify([input, own, may(by, "depositReports"), may(by, "importReports"), language, dayOf(now)]);
  return untilNextEvent(db, question, () => listOf(db, input, exchange));
}

async function listOf(db: Db, input: ListInput, { by, t, language, now }: Exchange): Promise<View> {
  const deposits = !may(by, "readCases");
  const filter: ReportFilter = {
    state: (REPORT_STATES as readonly string[]).includes(input.etat) ? (input.etat as ReportState) : null,
    year: /^\d{4}$/.test(input.annee) ? Number(input.annee) : null,
    department: input.departement || null,
    region: null,
    actKind: (ACT_KINDS as readonly string[]).includes(input.nature) ? (input.nature as ReportFilter["actKind"]) : null,
    analyst: input.analyste === "personne" ? "none" : input.analyste || null,
    text: input.q || null,
    depositedBy: deposits ? by.id : null,
    sort: input.tri,
    descending: input.ordre === "desc",
    page: input.page,
  };
  const rows = await listReports(db, filter);
  // A first page that is not full is its own count.
  const total = input.page === 1 && rows.length < REPORTS_PER_PAGE ? rows.length : await totalOfReports(db, filter);
  const { page: _, ...kept } = input;
  const given = Object.entries(kept).filter(
    ([name, value]) => value && !(name === "tri" && value === "received") && !(name === "ordre" && value === "desc"),
  ) as [string, string][];
  const address = (changes: Record<string, string>) => {
    const query = new URLSearchParams({ ...Object.fromEntries(given), ...changes }).toString();
    return query ? `/rapports?${query}` : "/rapports";
  };
  const header = (sort: ReportSort, label: string): SortHeader => {
    const current = input.tri === sort;
    return {
      label,
      href: address({ tri: sort, ordre: current && input.ordre === "desc" ? "asc" : "desc" }),
      direction: current ? (input.ordre === "desc" ? "descending" : "ascending") : null,
    };
  };
  const headers: Record<ReportSort, SortHeader> = {
    reference: header("reference", t("reports.list.columns.reference")),
    state: header("state", t("reports.list.columns.state")),
    act: header("act", t("reports.list.columns.act")),
    received: header("received", t("reports.list.columns.received")),
  };
  const typed: Typed = kept;
  const title = t(deposits ? "reports.list.titleDeposits" : "reports.list.title");
  const lastYear = Number(now.slice(0, 4));
  return listPage(title, {
    title,
    lead: t(deposits ? "reports.list.leadDeposits" : "reports.list.lead"),
    deposit: may(by, "depositReports")
      ? { href: "/rapports/nouveau", label: t(deposits ? "reports.list.deposit" : "reports.list.register") }
      : null,
    importing: may(by, "importReports") ? { href: "/rapports/importer", label: t("imports.link") } : null,
    deposits,
    lines: rows.map((row) => ({
      href: `/rapports/${row.id}`,
      id: row.id,
      state: stateTag(row.state, language),
      actDate: shortDate(row.act_date, language),
      actKind: t(`reports.actKinds.${row.act_kind}`),
      department: departmentLabel(row.department),
      service: row.issuing_service,
      received: shortDate(row.received_on, language),
      analysts: row.analysts.join(", "),
      notes: [
        ...(row.priority === "high" ? [{ tone: "warning" as const, label: t("reports.list.high") }] : []),
        ...(row.due_on && row.state !== "published" && row.state !== "set_aside"
          ? [
              {
                tone: row.due_on < dayOf(now) ? ("danger" as const) : ("neutral" as const),
                label: t("reports.list.due", { date: shortDate(row.due_on, language) }),
              },
            ]
          : []),
      ],
    })),
    headers,
    filters: {
      etat: field("etat", typed, {}),
      annee: field("annee", typed, {}),
      departement: field("departement", typed, {}),
      nature: field("nature", typed, {}),
      analyste: field("analyste", typed, {}),
      q: field("q", typed, {}),
    },
    sort: { tri: input.tri, ordre: input.ordre },
    options: {
      states: choices(REPORT_STATES, (state) => STATE_WORDS[state][language]),
      years: Array.from({ length: lastYear - 2005 }, (_, n) => ({ value: String(lastYear - n), label: String(lastYear - n) })),
      departments: departmentChoices,
      kinds: choices(ACT_KINDS, (kind) => t(`reports.actKinds.${kind}`)),
      analysts: deposits
        ? []
        : [
            { value: "personne", label: t("reports.list.filters.nobody") },
            ...(await listAccountsWithRole(db, "analyst")).map(({ id, name }) => ({ value: id, label: name })),
          ],
    },
    filtered: ["etat", "annee", "departement", "nature", "analyste", "q"].some((name) => typed[name]),
    caption: title,
    pagination: paginate({
      total,
      page: input.page,
      size: REPORTS_PER_PAGE,
      href: (page) => address(page === 1 ? {} : { page: String(page) }),
    }),
  });
}
