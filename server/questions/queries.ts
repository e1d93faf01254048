import type { Db, QuestionMentionTable, QuestionPostTable, QuestionTable, Tx } from "../../db/schema.ts";
import { type Actor, holds } from "../../workflows/actor.ts";
import { type Viewpoint, viewpointOf } from "./viewpoint.ts";

export const QUESTION_STATES = ["open", "answered", "closed"] as const;
export type QuestionState = (typeof QUESTION_STATES)[number];
export type Post = Omit<QuestionPostTable, "id" | "token"> & { id: number; name: string; mentions: QuestionMentionTable[] };
/** A question with what of it one reader may see. */
export type Thread = QuestionTable & { name: string; posts: Post[]; state: QuestionState };

/** Where a thread stands for whoever sees these posts: an answer is somebody else's; what its asker adds opens it again. */
const stateOf = (posts: readonly Post[], askedBy: string): QuestionState => {
  const last = posts.at(-1);
  if (last?.kind === "closed") return "closed";
  return last?.kind === "answer" && last.by !== askedBy ? "answered" : "open";
};

const questionRows = (db: Db | Tx) =>
  db.selectFrom("question").innerJoin("account", "account.id", "question.asked_by").selectAll("question").select("account.name");

/** These questions as one reader may see them; those they may not see at all are left out. */
async function threadsOf(db: Db | Tx, rows: readonly (QuestionTable & { name: string })[], view: Viewpoint): Promise<Thread[]> {
  const seen = rows.filter(view.reads);
  if (seen.length === 0) return [];
  const ids = seen.map(({ id }) => id);
  const posts = await db
    .selectFrom("question_post")
    .innerJoin("account", "account.id", "question_post.by")
    .select(["question_post.id", "question_id", "kind", "side", "text", "by", "at", "account.name"])
    .where("question_id", "in", ids)
    .orderBy("question_post.id")
    .execute();
  const mentions = await db
    .selectFrom("question_mention")
    .innerJoin("question_post", "question_post.id", "question_mention.post_id")
    .selectAll("question_mention")
    .where("question_post.question_id", "in", ids)
    .execute();
  const byPost = Map.groupBy(mentions, ({ post_id }) => Number(post_id));
  const byQuestion = Map.groupBy(posts.filter(view.reads), ({ question_id }) => question_id);
  return seen.map((row) => {
    const said = (byQuestion.get(row.id) ?? []).map((post) => ({
      ...post,
      id: Number(post.id),
      mentions: byPost.get(Number(post.id)) ?? [],
    }));
    return { ...row, posts: said, state: stateOf(said, row.asked_by) };
  });
}

/** The questions of a report that this reader may see, the last one said something in first. */
export async function listQuestions(db: Db | Tx, reportId: string, view: Viewpoint): Promise<Thread[]> {
  const rows = await questionRows(db).where("report_id", "=", reportId).execute();
  const last = (thread: Thread) => thread.posts.at(-1)?.id ?? 0;
  return (await threadsOf(db, rows, view)).sort((a, b) => last(b) - last(a));
}

/** One question of a report, if this reader may see it. */
export async function findQuestion(db: Db | Tx, reportId: string, id: string, view: Viewpoint): Promise<Thread | undefined> {
  const rows = await questionRows(db).where("report_id", "=", reportId).where("question.id", "=", id).execute();
  return (await threadsOf(db, rows, view))[0];
}

/** The thread that a form already made: it was sent twice. */
export const findByToken = async (db: Db | Tx, token: string, by: string): Promise<string | undefined> =>
  (await db.selectFrom("question_post").select("question_id").where("token", "=", token).where("by", "=", by).executeTakeFirst())
    ?.question_id;

export type Waiting = { thread: Thread; why: "answered" | "addressed" | "nobody" };
/** More than a page of work shows. */
const LATEST = 60;

/**
 * What questions ask of somebody: those of theirs that were answered, those that name them and that they said nothing to since, and, for
 * coordinators, open ones that name nobody. Each only as far as they may see it. The oldest first.
 */
export async function listWaitingQuestions(db: Db, by: Actor): Promise<Waiting[]> {
  const namesSomebody = db
    .selectFrom("question_mention")
    .innerJoin("question_post", "question_post.id", "question_mention.post_id")
    .select("question_post.question_id");
  const latest = (query: ReturnType<typeof questionRows>) => query.orderBy("asked_at", "desc").limit(LATEST).execute();
  const [asked, named, unaddressed] = await Promise.all([
    latest(questionRows(db).where("asked_by", "=", by.id)),
    latest(questionRows(db).where("question.id", "in", namesSomebody.where("question_mention.account_id", "=", by.id))),
    holds(by, "coordinator")
      ? latest(questionRows(db).where("asked_by", "<>", by.id).where("question.id", "not in", namesSomebody))
      : Promise.resolve([]),
  ]);
  const rows = new Map([...asked, ...named, ...unaddressed].map((row) => [row.id, row]));
  if (rows.size === 0) return [];
  const reports = await db
    .selectFrom("report")
    .select(["id", "coding_mode"])
    .where("id", "in", [...new Set([...rows.values()].map(({ report_id }) => report_id))])
    .execute();
  const waiting: Waiting[] = [];
  for (const report of reports) {
    const view = await viewpointOf(db, report, by);
    const here = [...rows.values()].filter(({ report_id }) => report_id === report.id);
    for (const thread of await threadsOf(db, here, view)) {
      const last = thread.posts.at(-1);
      if (!last || thread.state === "closed") continue;
      const lastNaming = thread.posts.findLast(({ mentions }) => mentions.some(({ account_id }) => account_id === by.id));
      const saidSince = thread.posts.some((post) => post.by === by.id && post.id > (lastNaming?.id ?? 0));
      if (thread.asked_by === by.id && thread.state === "answered") waiting.push({ thread, why: "answered" });
      else if (lastNaming && !saidSince) waiting.push({ thread, why: "addressed" });
      else if (unaddressed.some(({ id }) => id === thread.id) && thread.state === "open") waiting.push({ thread, why: "nobody" });
    }
  }
  const since = ({ thread }: Waiting) => thread.posts.at(-1)!.at;
  return waiting.sort((a, b) => (since(a) < since(b) ? -1 : 1));
}
