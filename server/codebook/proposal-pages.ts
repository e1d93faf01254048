import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { listDrafts } from "./drafts.ts";
import { labelOf } from "./labels.ts";
import { findProposal, listProposals, PROPOSAL_STATUSES, type ProposalLine, type ProposalStatus, proposalAddress } from "./proposals.ts";
import { codebookVersion, currentCodebook } from "./store.ts";

type Tag = { tone: string; label: string };
export type ProposalCard = { href: string; title: string; facts: string; tag: Tag; factor: string | null };
const TONES = { open: "info", accepted: "success", declined: "neutral" } as const;

/** Proposals as the lines of a list. */
export const proposalCards = (proposals: readonly ProposalLine[], { t, language }: Exchange): ProposalCard[] =>
  proposals.map((one) => ({
    href: proposalAddress(one.id),
    title: one.title,
    facts: t("codebook.proposal.facts", {
      name: one.author,
      date: longDate(dayOf(one.created_at), language),
      version: one.codebook_version,
      comments: t("codebook.proposal.comments", { count: one.comments }),
    }),
    tag: { tone: TONES[one.status], label: t(`codebook.proposal.status.${one.status}`) },
    factor: one.factor,
  }));

const listPage = template<{
  title: string;
  filters: { href: string; label: string; current: boolean }[];
  proposals: ProposalCard[];
  errors: { href: string; text: string }[];
  form: { version: string; factor: Field; title: Field; body: Field; factors: { value: string; label: string; group: string }[] } | null;
}>("codebook/proposals");

/** Everything that was proposed, and the form to propose more. */
export async function proposalsPage(db: Db, status: ProposalStatus | null, typed: Typed | null, problems: Problems, exchange: Exchange) {
  const { t, language, by } = exchange;
  const title = t("codebook.links.proposals");
  const codebook = await currentCodebook(db);
  const sections = new Map(codebook.sections.map((section) => [section.code, labelOf(section, language)]));
  return listPage(title, {
    title,
    filters: [null, ...PROPOSAL_STATUSES].map((one) => ({
      href: one ? `/grille/propositions?etat=${one}` : "/grille/propositions",
      label: one ? t(`codebook.proposal.filter.${one}`) : t("codebook.proposal.filter.all"),
      current: one === status,
    })),
    proposals: proposalCards(await listProposals(db, { status }), exchange),
    errors: summary(problems),
    form: may(by, "readCases")
      ? {
          version: codebook.version,
          factor: field("factor", typed, problems),
          title: field("title", typed, problems),
          body: field("body", typed, problems),
          factors: codebook.sections.flatMap(({ code }) =>
            codebook.factors
              .filter(({ section }) => section === code)
              .map((factor) => ({ value: factor.code, label: labelOf(factor, language), group: sections.get(code)! })),
          ),
        }
      : null,
  });
}

const proposalPage = template<{
  title: string;
  facts: string;
  tag: Tag;
  about: { href: string; label: string } | null;
  body: string;
  decided: { words: string; reason: string | null; draft: { href: string; label: string } | null } | null;
  comments: {
    id: string;
    depth: number;
    who: string;
    at: string;
    iso: string;
    body: string;
    answer: { field: Field; open: boolean } | null;
  }[];
  errors: { href: string; text: string }[];
  action: string;
  comment: Field | null;
  decide: { decision: Field; reason: Field; draft: Field; drafts: { value: string; label: string }[] } | null;
}>("codebook/proposal");

/** Answers are shown at most so far in: beyond, they stay in one column. */
const DEEPEST = 4;

/** One proposal, what was said of it, and what may be done. @throws NotFound */
export async function oneProposal(db: Db, id: string, typed: Typed | null, problems: Problems, exchange: Exchange) {
  const { t, language, by } = exchange;
  const proposal = await findProposal(db, id);
  const open = proposal.status === "open";
  const definition = await codebookVersion(db, proposal.codebook_version);
  const factor = definition.factors.find(({ code }) => code === proposal.factor);
  const administers = may(by, "administer");
  const action = proposalAddress(id);
  const answered = typeof typed?.parent === "string" ? typed.parent : "";
  return proposalPage(proposal.title, {
    title: proposal.title,
    facts: t("codebook.proposal.facts", {
      name: proposal.author,
      date: longDate(dayOf(proposal.created_at), language),
      version: proposal.codebook_version,
      comments: t("codebook.proposal.comments", { count: proposal.comments.length }),
    }),
    tag: { tone: TONES[proposal.status], label: t(`codebook.proposal.status.${proposal.status}`) },
    about: factor ? { href: `/grille/${factor.code}?version=${proposal.codebook_version}`, label: labelOf(factor, language) } : null,
    body: proposal.body,
    decided:
      proposal.status === "open"
        ? null
        : {
            words: t(`codebook.proposal.decided.${proposal.status}`, {
              name: proposal.decider ?? "",
              date: longDate(dayOf(proposal.decided_at!), language),
            }),
            reason: proposal.reason,
            draft:
              proposal.draft_id && administers
                ? {
                    href: `/grille/brouillons/${proposal.draft_id}`,
                    label: t("codebook.proposal.taken", { version: proposal.draftVersion ?? "" }),
                  }
                : null,
          },
    comments: proposal.comments.map(({ id: comment, depth, body, at, author }) => ({
      id: comment,
      depth: Math.min(depth, DEEPEST),
      who: author,
      at: instant(at, language),
      iso: at,
      body,
      answer: open
        ? {
            field: { ...field("body", answered === comment ? typed : null, answered === comment ? problems : {}), id: `body-${comment}` },
            open: answered === comment,
          }
        : null,
    })),
    errors: Object.entries(problems).map(([name, text]) => ({
      href: `#${name === "body" && answered !== "" ? `body-${answered}` : name}`,
      text,
    })),
    action,
    comment: open ? field("body", answered === "" ? typed : null, answered === "" ? problems : {}) : null,
    decide:
      open && administers
        ? {
            decision: field("decision", typed, problems),
            reason: field("reason", typed, problems),
            draft: field("draft", typed, problems),
            drafts: (await listDrafts(db))
              .filter(({ status }) => status === "open")
              .map((draft) => ({ value: draft.id, label: t("codebook.draft.named", { version: draft.version }) })),
          }
        : null,
  });
}
