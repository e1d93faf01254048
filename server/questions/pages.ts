import { newId } from "../../db/ids.ts";
import type { Db, PersonTable, ReportTable } from "../../db/schema.ts";
import { asksBothDirections, type CodebookDefinition, REVERSE } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { personLabel } from "../coding/labels.ts";
import type { Block } from "../documents/read-document.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { instant } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { listDocuments, peopleOf } from "../reports/queries.ts";
import { listCaseWorkers } from "./mentions.ts";
import { listQuestions, type Post, QUESTION_STATES, type QuestionState, type Thread } from "./queries.ts";
import type { Viewpoint } from "./viewpoint.ts";
import { findPassage, mayClose } from "./write.ts";

export const QUESTION_TONES = { open: "warning", answered: "info", closed: "neutral" } as const satisfies Record<QuestionState, string>;

type Choice = { value: string; label: string; group?: string };
/** What every form of this room offers: whom to address, and while two code blind, whom it concerns. */
type Addressing = {
  to: Field;
  toHint: string | null;
  people: Choice[];
  audience: (Field & { options: { value: string; label: string }[] }) | null;
  blindNote: string | null;
};
type Line = {
  href: string;
  text: string;
  about: string;
  quote: string | null;
  state: { tone: string; label: string };
  facts: string;
};

const list = template<{
  id: string;
  title: string;
  filters: { href: string; label: string; current: boolean }[];
  about: { label: string; all: string } | null;
  lines: Line[];
  empty: string;
  errors: { href: string; text: string }[];
  form: Addressing & {
    action: string;
    token: string;
    text: Field;
    target: Field;
    targets: Choice[];
    passage: { id: string; quote: string; source: string } | null;
    document: Field;
    documents: Choice[];
    quote: Field;
    quoteOpen: boolean;
  };
}>("questions/list");

const thread = template<{
  id: string;
  title: string;
  state: { tone: string; label: string };
  about: string;
  aboutHref: string;
  quote: { text: string; source: string } | null;
  posts: {
    anchor: string;
    who: string;
    at: string;
    iso: string;
    what: string;
    /** Pieces of the text; names of people are told apart. */
    pieces: { text: string; named: boolean }[];
    seenBy: string | null;
    turn: boolean;
  }[];
  errors: { href: string; text: string }[];
  form: (Addressing & { action: string; token: string; text: Field; title: string }) | null;
  turn: { action: string; token: string; seen: number; button: string; text: string } | null;
  noTurn: string | null;
}>("questions/thread");

type Naming = {
  definition: CodebookDefinition;
  people: readonly PersonTable[];
  documents: ReadonlyMap<string, number>;
  t: T;
  language: Language;
};
const namingOf = async (db: Db, report: ReportTable, { t, language }: Exchange): Promise<Naming> => ({
  definition: await codebookVersion(db, report.codebook_version),
  people: await peopleOf(db, report.id),
  documents: new Map((await listDocuments(db, report.id)).map(({ id, number }) => [id, number])),
  t,
  language,
});

/** The factor of a question with whom it is about, as a person reads it. */
function factorLabel({ definition, people, t, language }: Naming, code: string, subject: string): string {
  const factor = definition.factors.find((one) => one.code === code);
  const label = factor ? labelOf(factor, language) : code;
  const person = people.find(({ id }) => id === subject);
  if (person) return `${label} – ${personLabel(person, t)}`;
  return subject === REVERSE ? `${label} – ${t("questions.reverse")}` : label;
}
const aboutLabel = (naming: Naming, { target, factor, subject }: Thread): string => {
  if (factor !== null && subject !== null) return factorLabel(naming, factor, subject);
  return naming.t(target === "passage" ? "questions.about.passage" : "questions.about.report");
};
const sourceOf = ({ documents, t }: Naming, documentId: string, page: number | null): string => {
  const document = documents.get(documentId) ?? 0;
  return page === null ? t("questions.source", { document }) : t("questions.sourcePage", { document, page });
};

/** Where on the coding page a question's passage, else its factor, stands. */
async function aboutHref(
  db: Db,
  { documents }: Naming,
  { report_id, factor, subject, document_id, starts, target }: Thread,
): Promise<string> {
  const coding = `/rapports/${report_id}/codage`;
  if (target === "report") return `/rapports/${report_id}`;
  const number = document_id === null ? undefined : documents.get(document_id);
  if (number !== undefined && starts !== null) {
    const row = await db.selectFrom("document").select("blocks").where("id", "=", document_id).executeTakeFirst();
    const block = (JSON.parse(row?.blocks ?? "[]") as Block[]).findIndex(({ start, end }) => starts >= start && starts < end) + 1;
    return `${coding}?document=${number}${block > 0 ? `#d${number}-p${block}` : ""}`;
  }
  const query = new URLSearchParams({
    ...(number !== undefined && { document: String(number) }),
    ...(factor !== null && subject !== null && { facteur: factor, sujet: subject }),
  });
  return `${coding}?${query}`;
}

async function addressing(
  db: Db,
  view: Viewpoint,
  chosen: string,
  typed: Typed | null,
  problems: Problems,
  { by, t }: Exchange,
): Promise<Addressing> {
  const people = (await listCaseWorkers(db)).filter(({ id }) => id !== by.id);
  const coder = view.layers.length > 0;
  return {
    to: field("to", typed, problems),
    toHint: null,
    people: people.map(({ id, name, roles }) => ({
      value: id,
      label: `${name} (${roles.map((role) => t(`frame.roles.${role}`)).join(", ")})`,
    })),
    audience:
      view.blind && !coder && view.reads({ side: 3 })
        ? {
            ...field("audience", typed, problems, chosen),
            options: (["0", "1", "2"] as const).map((value) => ({ value, label: t(`questions.audience.${value}`) })),
          }
        : null,
    blindNote: view.blind ? t(coder ? "questions.blind.coder" : "questions.blind.others") : null,
  };
}

/** The text without its line ends, cut for a list. */
const shortened = (text: string): string => {
  const line = text.replace(/\s+/gu, " ");
  return line.length > 160
    ? `${line
        .slice(0, 159)
        .replace(/\s\S*$/u, "")
        .replace(/[\s«“(,;:]+$/u, "")}…`
    : line;
};

/** Questions of a report that this reader may see, and the form to ask one. */
export async function questionsPage(
  db: Db,
  report: ReportTable,
  view: Viewpoint,
  asked: { etat?: QuestionState | undefined; facteur?: string | undefined; sujet?: string | undefined; passage?: string | undefined },
  typed: Typed | null,
  problems: Problems,
  exchange: Exchange,
) {
  const { t, language, by } = exchange;
  const naming = await namingOf(db, report, exchange);
  const base = `/rapports/${report.id}/questions`;
  const all = await listQuestions(db, report.id, view);
  const people = (kind: string) => naming.people.filter((person) => person.kind === kind);
  const asksAbout = asked.facteur ? naming.definition.factors.find(({ code }) => code === asked.facteur) : undefined;
  const subject = asksAbout && (asked.sujet ?? (asksAbout.appliesTo === "case" ? "case" : people(asksAbout.appliesTo)[0]?.id));
  const onFactor = (one: Thread) => !asksAbout || (one.factor === asksAbout.code && one.subject === subject);
  const here = all.filter(onFactor);
  const shown = here.filter(({ state }) => (asked.etat ? state === asked.etat : state !== "closed"));
  const address = (etat: QuestionState | null): string => {
    const query = new URLSearchParams({
      ...(etat && { etat }),
      ...(asksAbout && subject && { facteur: asksAbout.code, sujet: subject }),
    });
    return query.size > 0 ? `${base}?${query}` : base;
  };
  const sections = new Map(naming.definition.sections.map((section) => [section.code, labelOf(section, language)]));
  const targets: Choice[] = [{ value: "report", label: t("questions.about.report") }];
  for (const factor of naming.definition.factors) {
    const subjects =
      factor.appliesTo === "case"
        ? ["case", ...(asksBothDirections(report, factor) ? [REVERSE] : [])]
        : people(factor.appliesTo).map(({ id }) => id);
    for (const one of subjects)
      targets.push({
        value: `${factor.code} ${one}`,
        label: factorLabel(naming, factor.code, one),
        group: sections.get(factor.section) ?? "",
      });
  }
  const documents = await listDocuments(db, report.id);
  const passageId = typed ? String(typed.passage ?? "") : (asked.passage ?? "");
  const passage = passageId ? await findPassage(db, report.id, passageId, view) : undefined;
  const quote = field("quote", typed, problems);
  return list(
    t("questions.title", { report: report.id }),
    {
      id: report.id,
      title: t("questions.title", { report: report.id }),
      filters: [null, ...QUESTION_STATES].map((etat) => ({
        href: address(etat),
        label: t(etat ? `questions.filter.${etat}` : "questions.filter.current", {
          count: here.filter(({ state }) => (etat ? state === etat : state !== "closed")).length,
        }),
        current: (asked.etat ?? null) === etat,
      })),
      about: asksAbout && subject ? { label: factorLabel(naming, asksAbout.code, subject), all: base } : null,
      lines: shown.map((one) => ({
        href: `${base}/${one.id}`,
        text: shortened(one.posts[0]?.text ?? t("questions.unseen")),
        about: aboutLabel(naming, one),
        quote: one.quote === null ? null : shortened(one.quote),
        state: { tone: QUESTION_TONES[one.state], label: t(`questions.state.${one.state}`) },
        facts: [
          t("questions.askedBy", { name: one.asked_by === by.id ? t("questions.you") : one.name, at: instant(one.asked_at, language) }),
          t("questions.answers", { count: one.posts.filter(({ kind }) => kind === "answer").length }),
        ].join(" · "),
      })),
      empty: t(all.length === 0 ? "questions.empty.none" : "questions.empty.filtered"),
      errors: summary(problems),
      form: {
        action: base,
        token: newId(),
        text: field("text", typed, problems),
        target: field("about", typed, problems, asksAbout && subject ? `${asksAbout.code} ${subject}` : "report"),
        targets,
        passage: passage ? { id: passageId, quote: passage.quote, source: sourceOf(naming, passage.document_id, passage.page) } : null,
        document: field("document", typed, problems, "1"),
        documents: documents.map(({ number, file_name }) => ({
          value: String(number),
          label: t("questions.form.documentChoice", { number, name: file_name }),
        })),
        quote,
        quoteOpen: quote.value !== "" || quote.error !== null,
        ...(await addressing(db, view, "0", typed, problems, exchange)),
        toHint: t("questions.form.toHint"),
      },
    },
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

/** A text cut at the names that it mentions. */
function piecesOf({ text, mentions }: Post): { text: string; named: boolean }[] {
  const names = mentions.map(({ written }) => `@${written}`).filter((name) => name.length > 1);
  if (names.length === 0) return [{ text: text ?? "", named: false }];
  const quoted = names.sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return (text ?? "")
    .split(new RegExp(`(${quoted.join("|")})`, "u"))
    .filter(Boolean)
    .map((piece) => ({ text: piece, named: names.includes(piece) }));
}

/** One question with what was said, and what may be said or done now. */
export async function threadPage(
  db: Db,
  report: ReportTable,
  view: Viewpoint,
  found: Thread,
  typed: Typed | null,
  problems: Problems,
  exchange: Exchange,
) {
  const { t, language, by } = exchange;
  const naming = await namingOf(db, report, exchange);
  const action = `/rapports/${report.id}/questions/${found.id}`;
  const closed = found.state === "closed";
  const title = aboutLabel(naming, found);
  const addressed = (post: Post): string[] => {
    const text = post.text ?? "";
    return post.mentions.filter(({ written }) => !text.includes(`@${written}`)).map(({ written }) => written);
  };
  return thread(
    t("questions.thread.title", { about: title }),
    {
      id: report.id,
      title: t("questions.thread.title", { about: title }),
      state: { tone: QUESTION_TONES[found.state], label: t(`questions.state.${found.state}`) },
      about: t(found.target === "report" ? "questions.thread.toReport" : "questions.thread.toCoding"),
      aboutHref: await aboutHref(db, naming, found),
      quote:
        found.quote === null || found.document_id === null
          ? null
          : { text: found.quote, source: sourceOf(naming, found.document_id, found.page) },
      posts: found.posts.map((post) => {
        const to = addressed(post);
        return {
          anchor: `message-${post.id}`,
          who: post.by === by.id ? t("questions.you") : post.name,
          at: instant(post.at, language),
          iso: post.at,
          what: [t(`questions.happened.${post.kind}`), ...(to.length > 0 ? [t("questions.thread.to", { names: to.join(", ") })] : [])].join(
            " ",
          ),
          pieces: piecesOf(post),
          seenBy: view.blind && view.layers.length === 0 && view.reads({ side: 3 }) ? t(`questions.seenBy.${post.side}`) : null,
          turn: post.text === null,
        };
      }),
      errors: summary(problems),
      form:
        closed && typed === null
          ? null
          : {
              action: `${action}/reponse`,
              token: newId(),
              text: field("text", typed, problems),
              title: t(found.asked_by === by.id ? "questions.thread.add" : "questions.thread.answer"),
              // Once a coder has spoken, what follows concerns that coder unless said otherwise.
              ...(await addressing(
                db,
                view,
                String(found.posts.findLast(({ side }) => side === 1 || side === 2)?.side ?? 0),
                typed,
                problems,
                exchange,
              )),
            },
      turn: mayClose(found, by)
        ? {
            action: `${action}/${closed ? "rouvrir" : "fermer"}`,
            token: newId(),
            seen: found.posts.length,
            button: t(closed ? "questions.thread.reopen" : "questions.thread.close"),
            text: t(closed ? "questions.thread.reopenText" : "questions.thread.closeText"),
          }
        : null,
      noTurn: mayClose(found, by) ? null : t("questions.refusal.close"),
    },
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}
