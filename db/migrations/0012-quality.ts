import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";

/** What the rules of quality said of each report: results that can be made again at any time from what is there. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);
  await create(
    "quality_result",
    `
    report_id text primary key references report (id),
    judged_at text not null check (judged_at like '____-__-__T__:__:__.___Z'),
    stamp text not null,
    codebook_version text not null references codebook_version (version),
    coded integer not null check (coded in (0, 1)),
    blocking integer not null check (blocking >= 0),
    warnings integer not null check (warnings >= 0),
    issues text not null`,
  );
  await create(
    "quality_count",
    `
    report_id text not null references quality_result (report_id) on delete cascade,
    rule text not null check (length(rule) > 0),
    issues integer not null check (issues >= 1),
    primary key (report_id, rule)`,
  );
  await run("create index quality_count_rule on quality_count (rule, report_id)");
}
