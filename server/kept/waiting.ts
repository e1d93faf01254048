import type { Db } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { labelIn, labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { valueLabel } from "../coding/labels.ts";
import { instant } from "../http/formats.ts";
import { type KeptAct, listKeptActs } from "../http/kept-acts.ts";
import { isKey, type Language, type T } from "../http/words.ts";
import { mayRead, peopleOf } from "../reports/queries.ts";

/** An act that waits, in words. */
export type WaitingAct = {
  id: string;
  what: string;
  href: string;
  when: string;
  /** What was typed or chosen, under its name. */
  fields: { label: string; value: string }[];
  files: boolean;
};

const CODING = /^\/rapports\/([^/]+)\/codage\/([a-z/]+)$/;
const list = (value: string | string[] | undefined): string[] => [value ?? []].flat().filter((one) => one.trim() !== "");
const one = (value: string | string[] | undefined): string => list(value)[0] ?? "";

/** Typed texts of a form under their names; codes and ids say nothing to a reader. */
const typedTexts = (body: KeptAct["body"], t: T) =>
  Object.entries(body).flatMap(([name, value]) => {
    const key = `http.typed.${name}`;
    return isKey(key) && list(value).length > 0 ? [{ label: t(key), value: list(value).join(", ") }] : [];
  });

/** The form that was sent, by the page it stood on. */
const formName = ({ path }: KeptAct, t: T): string => {
  const [, room = "", of = "", page = ""] = path.split("/");
  if (of === "nouveau") return t("kept.forms.nouveau");
  const key = `kept.forms.${page || room}`;
  return isKey(key) ? t("kept.form", { of: of || room, form: t(key) }) : t("kept.form", { of: of || room, form: t("kept.forms.other") });
};

/** A coding act as the factor it is about, with the value and what goes with it; null where it names no factor of the report. */
async function codingAct(db: Db, by: Actor, { path, body }: KeptAct, language: Language, t: T) {
  const [, report, act = ""] = CODING.exec(path) ?? [];
  if (report === undefined) return null;
  const row = await db.selectFrom("report").select(["codebook_version", "deposited_by"]).where("id", "=", report).executeTakeFirst();
  if (!row || !mayRead(row, by)) return null;
  const definition = await codebookVersion(db, row.codebook_version);
  const factor = definition.factors.find(({ code }) => code === one(body.factor));
  if (!factor) return null;
  const subject = one(body.subject);
  const person = (await peopleOf(db, report)).find(({ id }) => id === subject);
  const title = person
    ? `${labelOf(factor, language)} – ${t(`coding.person.${person.kind}`, { number: person.number })}`
    : labelOf(factor, language);
  const values = list(body.value);
  // What was typed has not been judged yet: what is no number or date is shown as it was typed.
  const typed = values.join(",");
  const asTyped =
    (factor.type === "date" && !/^\d{4}-(0\d|1[0-2])-\d\d$/.test(typed)) || (factor.type === "number" && !/^\d+([.,]\d+)?$/.test(typed));
  const value =
    asTyped && typed !== "unknown"
      ? typed
      : valueLabel(definition, factor, factor.type === "number" ? typed.replace(",", ".") : typed, t, language);
  const qualifier = (name: "confidence" | "evidenceBasis" | "knownWhen") => {
    const code = one(body[name]);
    return code ? [{ label: t(`coding.card.${name}`), value: labelIn(definition[name], code, language) }] : [];
  };
  // What stood beside the card begins with the number of a document.
  const [shown] = /^\d+/.exec(one(body.shown)) ?? [];
  const query = new URLSearchParams({ ...(shown !== undefined && { document: shown }), facteur: factor.code, sujet: subject });
  const gesture = `kept.coding.${act.replaceAll("/", "_")}`;
  return {
    what: t("kept.coding.what", { report, act: isKey(gesture) ? t(gesture) : t("kept.coding.other"), factor: title }),
    href: `/rapports/${report}/codage?${query}`,
    fields: [
      ...(values.length > 0 ? [{ label: t("http.typed.value"), value }] : []),
      ...qualifier("confidence"),
      ...qualifier("evidenceBasis"),
      ...qualifier("knownWhen"),
      ...typedTexts({ reason: body.reason ?? "", note: body.note ?? "", quote: body.quote ?? "" }, t),
    ],
  };
}

/** What waits for this person, in words, the oldest first. */
export async function waitingActs(db: Db, by: Actor, now: string, language: Language, t: T): Promise<WaitingAct[]> {
  return Promise.all(
    (await listKeptActs(db, by.id, now)).map(async (act) => {
      const told = (await codingAct(db, by, act, language, t)) ?? {
        what: formName(act, t),
        href: act.place,
        fields: typedTexts(act.body, t),
      };
      return { id: act.id, ...told, when: instant(act.at, language), files: act.hadFiles };
    }),
  );
}
