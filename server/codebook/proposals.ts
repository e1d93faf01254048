import { dialectOf } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { CodebookProposalTable, Db, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { Invalid, NotFound, Refusal } from "../http/errors.ts";
import { translator } from "../http/words.ts";
import { codebookVersion } from "./store.ts";

export const PROPOSAL_STATUSES = ["open", "accepted", "declined"] as const;
export type ProposalStatus = (typeof PROPOSAL_STATUSES)[number];

export const proposalAddress = (id: string): string => `/grille/propositions/${id}`;

/** Proposes a change beside a factor, or of the whole. @throws Invalid for a factor that the version does not have */
export async function propose(
  tx: Tx,
  { version, factor, title, body }: { version: string; factor: string | null; title: string; body: string },
  by: Actor,
  now: string,
): Promise<string> {
  const known = await tx
    .selectFrom("codebook_version")
    .select("version")
    .where("version", "=", version)
    .where("status", "=", "published")
    .executeTakeFirst();
  if (!known) throw new Invalid({ version: "http.invalid.choice" });
  if (factor !== null && !(await codebookVersion(tx, version)).factors.some(({ code }) => code === factor))
    throw new Invalid({ factor: "http.invalid.choice" });
  const id = newId();
  await tx
    .insertInto("codebook_proposal")
    .values({ id, codebook_version: version, factor, title, body, status: "open", created_by: by.id, created_at: now })
    .execute();
  return id;
}

export type ProposalLine = CodebookProposalTable & { author: string; comments: number };
/** Proposals of a status, of a factor or all of them, the latest first. */
export async function listProposals(
  db: Db | Tx,
  { status = null, factor = null }: { status?: ProposalStatus | null; factor?: string | null },
): Promise<ProposalLine[]> {
  const rows = await db
    .selectFrom("codebook_proposal")
    .innerJoin("account", "account.id", "codebook_proposal.created_by")
    .selectAll("codebook_proposal")
    .select((e) => [
      "account.name as author",
      e
        .selectFrom("codebook_comment")
        .select((of) => of.fn.countAll<number | string>().as("n"))
        .whereRef("proposal_id", "=", "codebook_proposal.id")
        .as("comments"),
    ])
    .$if(status !== null, (q) => q.where("codebook_proposal.status", "=", status!))
    .$if(factor !== null, (q) => q.where("codebook_proposal.factor", "=", factor!))
    .orderBy("codebook_proposal.created_at", "desc")
    .orderBy("codebook_proposal.id")
    .limit(200)
    .execute();
  return rows.map((row) => ({ ...row, comments: Number(row.comments ?? 0) }));
}

/** How many proposals are open, by factor. */
export async function openProposals(db: Db | Tx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("codebook_proposal")
    .select((e) => ["factor", e.fn.countAll<number | string>().as("n")])
    .where("status", "=", "open")
    .groupBy("factor")
    .execute();
  return new Map(rows.flatMap(({ factor, n }) => (factor === null ? [] : [[factor, Number(n)] as const])));
}

export type Comment = { id: string; depth: number; body: string; at: string; author: string };
export type Proposal = CodebookProposalTable & { author: string; decider: string | null; draftVersion: string | null; comments: Comment[] };

/** A proposal with what was said of it, each answer below what it answers. @throws NotFound */
export async function findProposal(db: Db | Tx, id: string): Promise<Proposal> {
  const row = await db
    .selectFrom("codebook_proposal")
    .innerJoin("account", "account.id", "codebook_proposal.created_by")
    .leftJoin("account as decider", "decider.id", "codebook_proposal.decided_by")
    .leftJoin("codebook_draft", "codebook_draft.id", "codebook_proposal.draft_id")
    .selectAll("codebook_proposal")
    .select(["account.name as author", "decider.name as decider", "codebook_draft.version as draftVersion"])
    .where("codebook_proposal.id", "=", id)
    .executeTakeFirst();
  if (!row) throw new NotFound();
  const said = await db
    .selectFrom("codebook_comment")
    .innerJoin("account", "account.id", "codebook_comment.by")
    .select(["codebook_comment.id", "parent_id", "body", "at", "account.name as author"])
    .where("proposal_id", "=", id)
    .orderBy("at")
    .orderBy("codebook_comment.id")
    .execute();
  const below = Map.groupBy(said, ({ parent_id }) => parent_id);
  const thread = (parent: string | null, depth: number): Comment[] =>
    (below.get(parent) ?? []).flatMap(({ parent_id: _, ...one }) => [{ ...one, depth }, ...thread(one.id, depth + 1)]);
  return { ...row, comments: thread(null, 0) };
}

/** The proposal for the length of the transaction. @throws NotFound; Refusal when it was decided */
async function openProposal(tx: Tx, id: string): Promise<CodebookProposalTable> {
  const row = await tx
    .selectFrom("codebook_proposal")
    .selectAll()
    .where("id", "=", id)
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();
  if (!row) throw new NotFound();
  if (row.status !== "open") throw new Refusal((language) => [translator(language)("codebook.proposal.closed")], proposalAddress(id));
  return row;
}

/** Says something of an open proposal, or answers what was said. @throws NotFound, Refusal; Invalid for an answer to something said elsewhere */
export async function commentProposal(
  tx: Tx,
  { proposal, parent, body }: { proposal: string; parent: string | null; body: string },
  by: Actor,
  now: string,
): Promise<string> {
  await openProposal(tx, proposal);
  if (parent !== null) {
    const known = await tx
      .selectFrom("codebook_comment")
      .select("id")
      .where("id", "=", parent)
      .where("proposal_id", "=", proposal)
      .executeTakeFirst();
    if (!known) throw new Invalid({ parent: "http.invalid.choice" });
  }
  const id = newId();
  await tx.insertInto("codebook_comment").values({ id, proposal_id: proposal, parent_id: parent, body, by: by.id, at: now }).execute();
  return id;
}

/** Accepts, with the draft that takes it up if one does, or declines with a reason. @throws NotFound, Refusal, Invalid */
export async function decideProposal(
  tx: Tx,
  {
    proposal,
    decision,
    reason,
    draft,
  }: { proposal: string; decision: "accepted" | "declined"; reason: string | null; draft: string | null },
  by: Actor,
  now: string,
): Promise<void> {
  await openProposal(tx, proposal);
  if (decision === "declined" && reason === null) throw new Invalid({ reason: "http.invalid.missing" });
  const taken = decision === "accepted" ? draft : null;
  if (taken !== null) {
    const known = await tx
      .selectFrom("codebook_draft")
      .select("id")
      .where("id", "=", taken)
      .where("status", "=", "open")
      .executeTakeFirst();
    if (!known) throw new Invalid({ draft: "http.invalid.choice" });
  }
  await tx
    .updateTable("codebook_proposal")
    .set({ status: decision, reason, draft_id: taken, decided_by: by.id, decided_at: now })
    .where("id", "=", proposal)
    .execute();
}
