import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { ActKind } from "../../db/schema.ts";
import type { EditionContent } from "../../server/reports/editions.ts";
import { clock } from "../support/databases.ts";

/** Words, a place and a day of the cases below that no letter may ever hold. */
export const CANARY = "canari-interne-7f3a";
export const CANARY_DEPARTMENT = "2A";
export const CANARY_DAY = "-02-29";

export type Case = {
  year?: number;
  actKind?: ActKind;
  /** Value of each factor; "service_before" and the like after a colon: `death_threats: "present:service_before"`. Several people: a list. */
  values?: Record<string, string | string[]>;
  practices?: { publicStatement: string | null }[];
  recommendations?: { text: string; addressee?: string; level?: string; theme?: string }[];
  /** Received, findings not published. */
  waiting?: boolean;
};

let count = 0;

/** A report written straight into the rows that letters read: the report, its current edition, its values. Returns its receipt number. */
export async function storeCase(
  { db }: Database,
  by: string,
  { year = 2024, actKind = "homicide", values = {}, practices = [], recommendations = [], waiting = false }: Case = {},
): Promise<string> {
  const number = ++count;
  const id = `RETEX-2026-${String(number).padStart(4, "0")}`;
  const now = clock().toISOString();
  const day = year % 4 === 0 ? `${year}${CANARY_DAY}` : `${year}-02-28`;
  const { version } = await db.selectFrom("codebook_version").select("version").executeTakeFirstOrThrow();
  await db
    .insertInto("report")
    .values({
      id,
      state: waiting ? "received" : "published",
      version: 1,
      received_on: "2026-01-15",
      issuing_kind: "prosecutor",
      issuing_service: `Parquet ${CANARY}`,
      service_folded: "parquet",
      court: "00000000",
      appeal_court: CANARY,
      department: CANARY_DEPARTMENT,
      region: "94",
      act_date: day,
      act_kind: actKind,
      proceedings: "unknown",
      priority: "normal",
      due_on: null,
      codebook_version: version,
      deposited_by: by,
      created_at: now,
      updated_at: now,
    })
    .execute();
  if (waiting) return id;
  const edition = newId();
  const written = recommendations.map(({ text, addressee = "prosecutor", level = "national", theme = "information_sharing" }, at) => ({
    reference: `REC-2026-${String(number * 100 + at).padStart(4, "0")}`,
    text,
    addressee,
    level,
    theme,
    type: "procedure",
    deadline: null,
    findings: [1],
  }));
  const content: EditionContent = {
    sheet: {
      received_on: "2026-01-15",
      act_date: day,
      act_kind: actKind,
      department: CANARY_DEPARTMENT,
      region: "94",
      court: "00000000",
      appeal_court: CANARY,
      proceedings: "unknown",
      issuing_kind: "prosecutor",
    },
    findings: [
      {
        number: 1,
        kind: "failing" as const,
        statement: `Manque ${CANARY}`,
        publicStatement: `Constat public de manquement ${CANARY}`,
        service: CANARY,
        knownWhen: null,
        factors: [],
        passages: [{ document: 1, fileName: `${CANARY}.pdf`, starts: 0, ends: 4, page: 1, quote: CANARY }],
      },
      ...practices.map(({ publicStatement }, at) => ({
        number: at + 2,
        kind: "good_practice" as const,
        statement: `Énoncé interne ${CANARY}`,
        publicStatement,
        service: CANARY,
        knownWhen: null,
        factors: [],
        passages: [],
      })),
    ],
    recommendations: written,
  };
  await db
    .insertInto("edition")
    .values({
      id: edition,
      report_id: id,
      number: 1,
      published_at: now,
      published_by: by,
      superseded_at: null,
      codebook_version: version,
      act_date: day,
      act_kind: actKind,
      department: CANARY_DEPARTMENT,
      region: "94",
      content: JSON.stringify(content),
      digest: "0".repeat(64),
    })
    .execute();
  const rows = Object.entries(values).flatMap(([factor, given]) =>
    [given].flat().map((one, at) => {
      const [value = "", known = null] = one.split(":");
      return {
        edition_id: edition,
        report_id: id,
        factor,
        subject: Array.isArray(given) ? `personne-${at + 1}` : "case",
        subject_kind: "case",
        value,
        number: null,
        known_when: known,
      };
    }),
  );
  if (rows.length > 0) await db.insertInto("edition_value").values(rows).execute();
  return id;
}

/**
 * A year counted by hand: 24 analysed cases (20 homicides, 4 attempts), 6 homicides still waiting.
 *   death_threats          present 12, absent 6, not documented 6
 *   coercive_control       present 18, absent 6, not documented 0
 *   separation_announced   present 10, absent 3 (masked), not documented 11 (masked with it)
 *   strangulation_history  present 2 (masked), absent 14, not documented 8: not listed
 *   victim_fear            two victims each: present 7 (one of the two is enough), absent 6 (both), not documented 11
 *   firearm access         absent 5, else silence: never present, so not listed
 *   prior violence         13 established, 5 none, 6 not documented
 *   signs known before     9 cases known to a service; 6 with a sign known otherwise only; 9 not documented
 *   good practices         5 cases, 2 public statements, of which one twice
 */
export async function storeYear(database: Database, by: string): Promise<string[]> {
  const ids: string[] = [];
  const value = (at: number, present: number, absent: number) => (at < present ? "present" : at < present + absent ? "absent" : "unknown");
  for (let at = 0; at < 24; at += 1) {
    const fear = value(at, 7, 6);
    ids.push(
      await storeCase(database, by, {
        actKind: at >= 20 ? "attempted_homicide" : "homicide",
        values: {
          death_threats: `${value(at, 12, 6)}${at < 9 ? ":service_before" : at < 12 ? ":entourage_before" : ""}`,
          coercive_control: `${value(at, 18, 6)}${at >= 9 && at < 15 ? ":discovered_after" : at === 15 ? ":unknown" : ""}`,
          separation_announced: `${value(at, 10, 3)}:service_before`,
          strangulation_history: value(at, 2, 14),
          victim_fear: fear === "present" ? ["present", "absent"] : fear === "absent" ? ["absent", "absent"] : ["absent", "unknown"],
          perpetrator_firearm_access: value(at, 0, 5),
          prior_violence_direction: at < 11 ? "perp_to_victim" : at < 13 ? "both" : at < 18 ? "none" : "unknown",
        },
        practices:
          at < 5
            ? [
                {
                  publicStatement:
                    at === 0
                      ? "Une association a proposé un hébergement dans la journée."
                      : at < 3
                        ? "Le parquet réunit chaque semaine les services autour des situations de danger."
                        : null,
                },
              ]
            : [],
        recommendations:
          at === 0
            ? [{ text: "Transmettre au parquet, le jour même, toute plainte qui mentionne des menaces de mort." }]
            : at === 1
              ? [
                  {
                    text: "Former les équipes d’accueil au repérage du contrôle coercitif.",
                    addressee: "police",
                    level: "departmental",
                    theme: "training",
                  },
                ]
              : [],
      }),
    );
  }
  for (let at = 0; at < 6; at += 1) await storeCase(database, by, { waiting: true });
  await storeCase(database, by, {
    year: 2023,
    values: { death_threats: "present:service_before" },
    practices: [{ publicStatement: "D’une autre année." }],
  });
  return ids;
}

/** The published count of deaths the letters of these tests are compared with. */
export async function storeReference({ db }: Database): Promise<void> {
  await db.deleteFrom("reference_figure").where("year", "=", 2024).execute();
  await db
    .insertInto("reference_source")
    .values({
      code: "essai",
      title: "Étude d’essai",
      publisher: "Délégation d’essai",
      year: 2025,
      url: "https://exemple.invalid/etude",
      kind: "fictional",
    })
    .execute();
  await db
    .insertInto("reference_figure")
    .values([
      {
        id: "essai-1",
        measure: "deaths_total",
        year: 2024,
        scope: "all_couples",
        value: 138,
        unit: "persons",
        source: "essai",
        verified: 1,
        note: null,
      },
      {
        id: "essai-2",
        measure: "deaths_total",
        year: 2024,
        scope: "official_couples",
        value: 99,
        unit: "persons",
        source: "essai",
        verified: 0,
        note: null,
      },
    ])
    .execute();
}
