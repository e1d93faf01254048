import type { Db } from "../../db/schema.ts";
import { NotFound } from "../http/errors.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { entryCard, type FindingCard, findingCard, mustWrite, readDrafts, trail } from "./cards.ts";
import { type Choice, factorLabel, optionChoices, type PassageCard, passageCard } from "./labels.ts";
import { FINDING_KINDS } from "./write.ts";

type FactorChoice = {
  id: string;
  code: string;
  label: string;
  values: string[];
  checked: boolean;
  passages: (PassageCard & { field: string; checked: boolean })[];
};
const findingView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  title: string;
  to: string;
  version: number | null;
  decisions: FindingCard["decisions"];
  kind: Field;
  statement: Field;
  publicStatement: Field;
  service: Field;
  knownWhen: Field;
  kinds: Choice[];
  knownWhens: Choice[];
  factors: ListField;
  passages: ListField;
  entries: ListField;
  entryChoices: Choice[];
  sections: { code: string; label: string; factors: FactorChoice[] }[];
  errors: { href: string; text: string }[];
}>("findings/finding", { scripts: ["/assets/findings.js"] });

/** The form of a finding, new (`number` null) or existing. @throws NotFound, Refusal */
export async function findingPage(
  db: Db,
  id: string,
  number: number | null,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const { t, language } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { report, codebook, cards, passages, covers } = drafts;
  const row = number === null ? null : (drafts.findings.find((one) => one.number === number) ?? null);
  if (number !== null && !row) throw new NotFound();
  mustWrite(drafts, exchange);
  exchange.audit("findings.read", "report", id);
  const factors = listField("factors", typed, problems, row?.factors);
  const chosen = listField("passages", typed, problems, row?.passages);
  const title = row ? t("findings.form.editTitle", { number: row.number }) : t("findings.form.newTitle");
  let passage = 0;
  const all = cards.map((card, at): FactorChoice & { section: string } => ({
    id: at === 0 ? "factors" : `factor-${card.code}`,
    section: card.section,
    code: card.code,
    label: card.label,
    values: card.values.map(({ subject, value }) => (subject ? t("findings.factor.ofSubject", { subject, value }) : value)),
    checked: factors.value.includes(card.code),
    passages: card.passages.flatMap((one) => {
      const found = passages.get(one);
      if (!found) return [];
      const field = passage++ === 0 ? "passages" : `passage-choice-${passage}`;
      return [{ ...passageCard(found, report.id, card, covers([card.code], one), t), field, checked: chosen.value.includes(one) }];
    }),
  }));
  return findingView(`${title} – ${id}`, {
    id,
    trail: trail(id, t, { href: `/rapports/${id}/constats`, label: t("findings.drafts.title") }, { label: title }),
    title,
    to: row ? `/rapports/${id}/constats/${row.number}` : `/rapports/${id}/constats`,
    // What was typed stands on the version it was typed over, not on the one that came since.
    version: typed?.["version"] ? Number(typed["version"]) : (row?.version ?? null),
    decisions: row ? findingCard(row, drafts, language, t).decisions : [],
    kind: field("kind", typed, problems, row?.kind),
    statement: field("statement", typed, problems, row?.statement),
    publicStatement: field("publicStatement", typed, problems, row?.public_statement ?? ""),
    service: field("service", typed, problems, row?.service ?? ""),
    knownWhen: field("knownWhen", typed, problems, row?.known_when ?? ""),
    kinds: FINDING_KINDS.map((kind) => ({
      value: kind,
      label: t(`findings.kinds.${kind}.label`),
      hint: t(`findings.kinds.${kind}.hint`),
    })),
    knownWhens: optionChoices(codebook.knownWhen, language),
    factors,
    passages: chosen,
    entries: listField("entries", typed, problems, row?.entries),
    entryChoices: drafts.entries.map((entry) => {
      const { when, text } = entryCard(entry, report, language, t);
      return { value: entry.id, label: when, hint: text };
    }),
    sections: codebook.sections
      .map(({ code, labelFr, labelEn }) => ({
        code,
        label: factorLabel({ labelFr, labelEn }, language),
        factors: all.filter(({ section }) => section === code),
      }))
      .filter((section) => section.factors.length > 0),
    errors: summary(problems),
  });
}
