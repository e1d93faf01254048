import type { Db } from "../../db/schema.ts";
import { addresseesOf } from "../follow-up/contacts.ts";
import { type CheckLine, checkLines } from "../follow-up/wording.ts";
import { NotFound, Refusal } from "../http/errors.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { mustWrite, readDrafts, trail } from "./cards.ts";
import { type Choice, optionChoices, optionLabel } from "./labels.ts";
import { ORIGINS } from "./write.ts";

const recommendationView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  title: string;
  to: string;
  version: number | null;
  fields: Record<"text" | "addressee" | "level" | "theme" | "type" | "origin" | "deadline" | "proof", Field>;
  associated: ListField;
  options: Record<"addressees" | "levels" | "themes" | "types" | "origins", Choice[]>;
  hints: string[];
  checks: CheckLine[];
  today: string;
  findings: ListField;
  choices: Choice[];
  errors: { href: string; text: string }[];
}>("findings/recommendation", { scripts: ["/assets/wording.js"] });

/** The form of a recommendation, new (`number` null) or existing. @throws NotFound, Refusal */
export async function recommendationPage(
  db: Db,
  id: string,
  number: number | null,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const { t, language, now } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { codebook } = drafts;
  const row = number === null ? null : (drafts.recommendations.find((one) => one.number === number) ?? null);
  if (number !== null && !row) throw new NotFound();
  mustWrite(drafts, exchange);
  if (row && row.state !== "draft") throw new Refusal(() => [t("findings.recommendation.wordsAreKept")], `/rapports/${id}/constats`);
  exchange.audit("findings.read", "report", id);
  const title = row ? t("findings.recommendation.editTitle", { reference: row.reference }) : t("findings.recommendation.newTitle");
  const lists = codebook.recommendation;
  return recommendationView(`${title} – ${id}`, {
    id,
    trail: trail(id, t, { href: `/rapports/${id}/constats`, label: t("findings.drafts.title") }, { label: title }),
    title,
    to: `/rapports/${id}/constats/recommandations${row ? `/${row.number}` : ""}`,
    version: typed?.["version"] ? Number(typed["version"]) : (row?.version ?? null),
    fields: {
      text: field("text", typed, problems, row?.text),
      addressee: field("addressee", typed, problems, row?.addressee),
      level: field("level", typed, problems, row?.level),
      theme: field("theme", typed, problems, row?.theme),
      type: field("type", typed, problems, row?.type),
      origin: field("origin", typed, problems, row?.origin ?? "observatory"),
      deadline: field("deadline", typed, problems, row?.deadline ?? ""),
      proof: field("proof_expected", typed, problems, row?.proof_expected ?? ""),
    },
    associated: listField("associated", typed, problems, row ? (await addresseesOf(db, row)).slice(1) : []),
    options: {
      addressees: optionChoices(lists.addressees, language),
      levels: optionChoices(lists.levels, language),
      themes: optionChoices(lists.themes, language),
      types: optionChoices(lists.types, language),
      origins: ORIGINS.map((value) => ({ value, label: t(`findings.origins.${value}`) })),
    },
    hints: lists.wordingChecks.map(({ code, definitionFr }) => {
      const label = optionLabel(lists.wordingChecks, code, language);
      return language === "fr" && definitionFr ? `${label}\u00a0: ${definitionFr.replaceAll("'", "’")}` : label;
    }),
    checks: checkLines(
      {
        text: field("text", typed, problems, row?.text).value,
        addressee: field("addressee", typed, problems, row?.addressee).value,
        deadline: field("deadline", typed, problems, row?.deadline ?? "").value || null,
        proof_expected: field("proof_expected", typed, problems, row?.proof_expected ?? "").value || null,
        findings: listField("findings", typed, problems, row?.findings.map(String)).value.length,
      },
      dayOf(now),
      lists.wordingChecks,
      language,
      t,
    ),
    today: dayOf(now),
    findings: listField("findings", typed, problems, row?.findings.map(String)),
    choices: drafts.findings.map((one) => ({
      value: String(one.number),
      label: `${t("findings.finding", { number: one.number })} – ${t(`findings.kinds.${one.kind}.label`)}`,
      hint: one.statement,
    })),
    errors: summary(problems),
  });
}
