import type { Db } from "../../db/schema.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { choicesOf } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { followUpTabs } from "../follow-up/tabs.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, integer, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { FILTERS, type FilterName, OVERDUE_CODES, type RegisterInput, registerFilters } from "../recommendations/filters.ts";
import { listApprovalYears, REGISTERED, SORTS } from "../recommendations/queries.ts";
import { kilobytes, type Tag } from "../reports/labels.ts";
import { COLUMN_GROUPS, type ColumnKey, isColumnKey } from "./columns.ts";
import { HOUSE_LAYOUTS, type HouseLayout, isHouseLayout, listLayouts } from "./layouts.ts";
import { AT_ONCE, filterWords, GROUPINGS, layoutName, MOST_IN_BOOKLET } from "./make.ts";
import { EXPORTS_PER_PAGE, type ExportState, findExport, type KeptExport, listExports } from "./queries.ts";
import { BOOKLET_FORMATS, type ExportFormat, TABLE_FORMATS } from "./writing.ts";

type Choice = { value: string; label: string; group?: string; hint?: string };

const TONES: Record<ExportState, Tag["tone"]> = {
  queued: "info",
  running: "progress",
  ready: "success",
  failed: "danger",
  expired: "neutral",
  deleted: "neutral",
};
const stateTag = (state: ExportState, t: T): Tag => ({ tone: TONES[state], label: t(`exports.states.${state}`) });
const isUnderWay = ({ state }: Pick<KeptExport, "state">): boolean => state === "queued" || state === "running";
/** How far the work is, in words. */
const progressText = ({ state, progress }: Pick<KeptExport, "state" | "progress">, t: T): string => {
  const percent = Math.round(progress * 100);
  if (state === "queued") return t("exports.show.waiting");
  // The file is written once everything is read (make.ts): what shows then is the second part of the way.
  return t(progress < 0.6 ? "exports.show.reading" : "exports.show.writing", { percent });
};
const formatName = (format: ExportFormat, t: T): string => t(`exports.formats.${format}`);
const failureWords = (failure: string | null, language: Language, t: T): string => {
  const known = (["too-long", "too-heavy", "too-many", "interrupted"] as const).find((one) => one === failure) ?? "failed";
  return t(`exports.failed.${known}`, { most: integer(MOST_IN_BOOKLET, language) });
};

// --- the list ---------------------------------------------------------------------------------------------------------------------
const listPage = template<{
  title: string;
  tabs: ReturnType<typeof followUpTabs>;
  caption: string;
  lines: {
    href: string;
    file: { href: string; label: string } | null;
    at: string;
    see: string;
    by: string;
    content: string;
    columns: string;
    filters: string[];
    format: string;
    rows: string;
    size: string;
    state: Tag;
    live: { href: string; text: string } | null;
    expires: string;
  }[];
  layouts: {
    name: string;
    author: string;
    visible: string;
    columns: string;
    use: { href: string; words: string };
    remove: { action: string; words: string } | null;
  }[];
  pagination: Pagination;
}>("exports/list", { wide: true, scripts: ["/assets/exports.js"] });

/** Exports made or under way, the latest first, and the saved layouts. */
export async function exportList(db: Db, { page }: { page: number }, { by, language, t, now }: Exchange) {
  const { total, exports } = await listExports(db, page, now);
  const layouts = await listLayouts(db, by);
  const none = t("exports.list.none");
  const lines = [];
  for (const one of exports) {
    const { asked } = one;
    const at = instant(one.at, language);
    const filters = await filterWords(db, asked.filters, language, one.at);
    lines.push({
      href: `/exports/${one.id}`,
      file:
        one.state === "ready"
          ? { href: `/exports/${one.id}/fichier`, label: t("exports.list.downloadOf", { name: one.file_name! }) }
          : null,
      at,
      see: t("exports.list.see", { date: at }),
      by: t("exports.list.by", { name: one.author }),
      content: layoutName(asked.layout, language),
      columns: [
        t("exports.list.columns", { count: asked.columns.length, n: asked.columns.length }),
        ...(asked.history ? [t("exports.list.withHistory")] : []),
      ].join(", "),
      filters: filters.map(({ label, value }) => (language === "fr" ? `${label}\u00a0: ${value}` : `${label}: ${value}`)),
      format: formatName(asked.format, t),
      rows: one.row_count === null ? none : integer(one.row_count, language),
      size: one.byte_count === null ? none : kilobytes(one.byte_count, language),
      state: stateTag(one.state, t),
      live: isUnderWay(one) ? { href: `/exports/${one.id}/etat`, text: progressText(one, t) } : null,
      expires: one.state === "ready" ? longDate(dayOf(one.expires_at!), language) : none,
    });
  }
  const title = t("exports.title");
  return listPage(title, {
    title,
    tabs: followUpTabs("exports", by, t),
    caption: t("exports.caption", { count: total, n: integer(total, language) }),
    lines,
    layouts: layouts.map(({ id, name, author, shared, by: owner, columns, history }) => ({
      name,
      author,
      visible: t(shared ? "exports.layouts.shared" : "exports.layouts.private"),
      columns: [
        t("exports.list.columns", { count: columns.length, n: columns.length }),
        ...(history ? [t("exports.list.withHistory")] : []),
      ].join(", "),
      use: { href: `/exports/nouveau?modele=${id}`, words: t("exports.layouts.useOf", { name }) },
      remove: owner === by.id ? { action: `/exports/modeles/${id}/supprimer`, words: t("exports.layouts.removeOf", { name }) } : null,
    })),
    pagination: paginate({ total, page, size: EXPORTS_PER_PAGE, href: (to) => `/exports?page=${to}` }),
  });
}

// --- one export -------------------------------------------------------------------------------------------------------------------
const onePage = template<{
  title: string;
  lead: string;
  tabs: ReturnType<typeof followUpTabs>;
  state: Tag;
  base: string;
  facts: { term: string; detail: string }[];
  columns: string;
  ready: string | null;
  live: { href: string; text: string; percent: number } | null;
  gone: string | null;
  failed: string | null;
  again: string;
  removable: "delete" | "stop" | null;
}>("exports/show", { scripts: ["/assets/exports.js"] });

/** The address of the form that asks for the same again. */
export const sameAgain = ({ asked }: Pick<KeptExport, "asked">): string =>
  formAddress({
    filters: asked.filters,
    modele: asked.layout !== null && isHouseLayout(asked.layout) ? asked.layout : "",
    colonnes: asked.columns,
    historique: asked.history,
    format: asked.format,
    regroupement: asked.groupedBy ?? "addressee",
  });

/** One export: what was asked for, how far it is, its file or what became of it. @throws NotFound */
export async function exportPage(db: Db, id: string, { by, language, t, now }: Exchange, status = 200) {
  const one = await findExport(db, id, now);
  const { asked } = one;
  const filters = await filterWords(db, asked.filters, language, one.at);
  const fact = (
    name: "by" | "at" | "layout" | "history" | "grouped" | "filters" | "format" | "rows" | "size" | "digest" | "expires",
    detail: string,
  ) => ({
    term: t(`exports.show.facts.${name}`),
    detail,
  });
  const colon = language === "fr" ? "\u00a0: " : ": ";
  const day = (at: string) => longDate(dayOf(at), language);
  const title = t("exports.show.title", { date: instant(one.at, language) });
  return onePage(
    title,
    {
      title,
      lead: t("exports.show.lead", { layout: layoutName(asked.layout, language), format: formatName(asked.format, t) }),
      tabs: followUpTabs("exports", by, t),
      state: stateTag(one.state, t),
      base: `/exports/${id}`,
      facts: [
        fact("by", one.author),
        fact("at", instant(one.at, language)),
        fact("filters", filters.map(({ label, value }) => `${label}${colon}${value}`).join(" · ") || t("exports.list.all")),
        fact("layout", layoutName(asked.layout, language)),
        fact("history", t(asked.history ? "exports.show.yes" : "exports.show.no")),
        ...(asked.groupedBy ? [fact("grouped", t(`exports.form.groupings.${asked.groupedBy}`))] : []),
        fact("format", formatName(asked.format, t)),
        ...(one.row_count === null ? [] : [fact("rows", integer(one.row_count, language))]),
        ...(one.byte_count === null ? [] : [fact("size", kilobytes(one.byte_count, language))]),
        ...(one.state === "ready" ? [fact("expires", instant(one.expires_at!, language))] : []),
        ...(one.digest === null ? [] : [fact("digest", one.digest)]),
      ],
      columns: asked.columns.map((key) => t(`exports.columns.${key}`)).join(", "),
      ready:
        one.state === "ready"
          ? t("exports.show.readyText", { name: one.file_name!, size: kilobytes(one.byte_count!, language), date: day(one.expires_at!) })
          : null,
      live: isUnderWay(one) ? { href: `/exports/${id}/etat`, text: progressText(one, t), percent: Math.round(one.progress * 100) } : null,
      gone:
        one.state === "expired"
          ? t("exports.show.expired", { date: day(one.expires_at!) })
          : one.state === "deleted"
            ? t("exports.show.deleted", { date: day(one.erased_at!), name: one.eraser! })
            : null,
      failed: one.state === "failed" ? failureWords(one.failure, language, t) : null,
      again: sameAgain(one),
      removable: one.state === "ready" ? "delete" : isUnderWay(one) ? "stop" : null,
    },
    status,
  );
}

/** How far an export is, for the script of the page. */
export async function exportProgress(db: Db, id: string, { t, now }: Exchange): Promise<object> {
  const one = await findExport(db, id, now);
  return { underWay: isUnderWay(one), percent: Math.round(one.progress * 100), text: isUnderWay(one) ? progressText(one, t) : "" };
}

// --- a new export -----------------------------------------------------------------------------------------------------------------
/** Selects of the form; other filters of an address are kept and told in words. */
const SHOWN = ["annee", "destinataire", "statut", "theme", "niveau", "type", "retard"] as const satisfies readonly FilterName[];

const formPage = template<{
  title: string;
  tabs: ReturnType<typeof followUpTabs>;
  fields: Record<(typeof SHOWN)[number] | "q" | "tri" | "ordre" | "modele" | "format" | "regroupement" | "nom", Field>;
  options: Record<(typeof SHOWN)[number] | "tri" | "ordre" | "modele" | "regroupement", Choice[]>;
  formats: { label: string; options: Choice[] }[];
  kept: { name: string; value: string; words: string }[];
  chosen: { key: string; label: string; up: string; down: string }[];
  others: { label: string; columns: { key: string; label: string }[] }[];
  columnsError: string | null;
  /** The layout that the chosen columns were taken from. */
  applied: string;
  history: boolean;
  shared: boolean;
  saving: boolean;
  large: string;
  moved: string;
  errors: { href: string; text: string }[];
}>("exports/form", { scripts: ["/assets/exports.js"] });

export type FormInput = {
  filters: RegisterInput;
  modele: string;
  colonnes: readonly string[];
  historique: boolean;
  format: string;
  regroupement: string;
};
/** The address of the form with these choices made. */
export function formAddress({ filters, modele, colonnes, historique, format, regroupement }: FormInput): string {
  const query = new URLSearchParams();
  for (const name of FILTERS) if (filters[name] !== "") query.set(name, filters[name]);
  if (filters.tri !== "reference") query.set("tri", filters.tri);
  if (filters.ordre !== "desc") query.set("ordre", filters.ordre);
  if (modele !== "") query.set("modele", modele);
  if (colonnes.length > 0) query.set("colonnes", colonnes.join(","));
  if (historique) query.set("historique", "oui");
  if (format !== "xlsx") query.set("format", format);
  if (regroupement !== "addressee") query.set("regroupement", regroupement);
  const search = query.toString();
  return search === "" ? "/exports/nouveau" : `/exports/nouveau?${search}`;
}

/** The form with these choices made, or as it was typed. */
export async function exportForm(
  db: Db,
  input: FormInput,
  { by, language, t }: Exchange,
  { typed = null, problems = {}, status = 200 }: { typed?: Typed | null; problems?: Problems; status?: number } = {},
) {
  const { recommendation: lists } = await currentCodebook(db);
  const years = await listApprovalYears(db);
  const layouts = await listLayouts(db, by);
  const given: Typed = { ...input.filters, modele: input.modele, format: input.format, regroupement: input.regroupement, ...typed };
  const chosen = [...new Set(input.colonnes)].filter(isColumnKey);
  const picked = new Set<ColumnKey>(chosen);
  const label = (key: ColumnKey) => t(`exports.columns.${key}`);
  const named = await filterWords(
    db,
    { ...NO_FILTER, ...Object.fromEntries(hiddenFilters(input.filters)) },
    language,
    "1970-01-01T00:00:00.000Z",
  );
  const title = t("exports.form.title");
  return formPage(
    title,
    {
      title,
      tabs: followUpTabs("exports", by, t),
      fields: Object.fromEntries(
        ([...SHOWN, "q", "tri", "ordre", "modele", "format", "regroupement", "nom"] as const).map((name) => [
          name,
          field(name, given, problems),
        ]),
      ) as Record<(typeof SHOWN)[number] | "q" | "tri" | "ordre" | "modele" | "format" | "regroupement" | "nom", Field>,
      options: {
        annee: years.map((year) => ({ value: String(year), label: String(year) })),
        destinataire: choicesOf(lists.addressees, language),
        statut: REGISTERED.map((state) => ({ value: state, label: RECOMMENDATION_STATE_WORDS[state][language] })),
        theme: choicesOf(lists.themes, language),
        niveau: choicesOf(lists.levels, language),
        type: choicesOf(lists.types, language),
        retard: Object.entries(OVERDUE_CODES).map(([value, overdue]) => ({ value, label: t(`recommendations.overdue.${overdue}`) })),
        tri: SORTS.map((sort) => ({ value: sort, label: t(`recommendations.sorts.${sort}`) })),
        ordre: [
          { value: "desc", label: t("exports.form.descending") },
          { value: "asc", label: t("exports.form.ascending") },
        ],
        modele: [
          ...Object.keys(HOUSE_LAYOUTS).map((code) => ({
            value: code,
            label: t(`exports.layouts.${code as HouseLayout}`),
            group: t("exports.form.house"),
          })),
          ...layouts.filter((one) => one.by === by.id).map(({ id, name }) => ({ value: id, label: name, group: t("exports.form.mine") })),
          ...layouts.filter((one) => one.by !== by.id).map(({ id, name }) => ({ value: id, label: name, group: t("exports.form.others") })),
        ],
        regroupement: GROUPINGS.map((value) => ({ value, label: t(`exports.form.groupings.${value}`) })),
      },
      formats: (
        [
          ["tables", TABLE_FORMATS],
          ["booklets", BOOKLET_FORMATS],
        ] as const
      ).map(([group, formats]) => ({
        label: t(`exports.form.${group}`),
        options: formats.map((format) => ({ value: format, label: formatName(format, t), hint: t(`exports.formatHints.${format}`) })),
      })),
      kept: hiddenFilters(input.filters).map(([name, value], at) => ({
        name,
        value,
        words: named[at] ? `${named[at].label}${language === "fr" ? "\u00a0: " : ": "}${named[at].value}` : "",
      })),
      chosen: chosen.map((key) => ({
        key,
        label: label(key),
        up: t("exports.form.up", { name: label(key) }),
        down: t("exports.form.down", { name: label(key) }),
      })),
      others: COLUMN_GROUPS.flatMap(({ group, keys }) => {
        const columns = keys.filter((key) => !picked.has(key)).map((key) => ({ key, label: label(key) }));
        return columns.length === 0 ? [] : [{ label: t(`exports.groups.${group}`), columns }];
      }),
      columnsError: problems.colonnes ?? null,
      applied: typeof typed?.applique === "string" ? typed.applique : input.modele,
      history: input.historique,
      shared: given.partager === "oui",
      saving: problems.nom !== undefined,
      large: t("exports.form.large", { n: integer(AT_ONCE.xlsx, language) }),
      moved: t("exports.form.moved", { name: "{name}", place: "{place}", of: "{of}" }),
      errors: summary(problems),
    },
    status,
  );
}

const NO_FILTER = registerFilters.parse({});
/** Filters of an address that the form has no field for. */
const hiddenFilters = (filters: RegisterInput): [FilterName, string][] =>
  FILTERS.flatMap((name) => (filters[name] === "" || name === "q" || SHOWN.some((one) => one === name) ? [] : [[name, filters[name]]]));
