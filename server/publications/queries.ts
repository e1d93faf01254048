import { createHash } from "node:crypto";
import { dialectOf, isUniqueViolation } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { Db, PublicationTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import {
  decidePublication,
  PUBLICATION_EVENT_WORDS,
  PUBLICATION_RULE_WORDS,
  PUBLICATION_STATE_WORDS,
  type PublicationEvent,
  type PublicationFacts,
  publicationOffers,
} from "../../workflows/publication.machine.ts";
import { Conflict, type Happened, Invalid, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import type { LetterDocument } from "./letter-document.ts";

/** The address of the annual letter of a year: people's bookmarks rely on it. */
export const slugOf = (year: number, language: Language): string => `lettre-annuelle-${year}${language === "en" ? "-en" : ""}`;

/** Every letter with its last act, the latest year of acts first. */
export const listPublications = (db: Db) =>
  db
    .selectFrom("publication")
    .innerJoin("publication_event", (join) =>
      join.onRef("publication_event.publication_id", "=", "publication.id").onRef("publication_event.version", "=", "publication.version"),
    )
    .innerJoin("account", "account.id", "publication_event.by")
    .select([
      "publication.id",
      "publication.slug",
      "publication.title",
      "publication.year",
      "publication.language",
      "publication.state",
      "publication_event.type",
      "publication_event.at",
      "account.name",
    ])
    .orderBy("publication.year", "desc")
    .orderBy("publication.language", "desc")
    .execute();

/** A letter, whatever its state. @throws NotFound */
export async function findPublication(db: Db | Tx, id: string): Promise<PublicationTable> {
  const row = await db.selectFrom("publication").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new NotFound();
  return row;
}

/** The letter as it was frozen; null for a draft. */
export const frozenLetter = ({ frozen }: Pick<PublicationTable, "frozen">): LetterDocument | null =>
  frozen === null ? null : (JSON.parse(frozen) as LetterDocument);

/** What the public sees in the list: published letters, and withdrawn ones with when and why; never a frozen text. */
export const listPublic = (db: Db) =>
  db
    .selectFrom("publication")
    .leftJoin("publication_event", (join) =>
      join.onRef("publication_event.publication_id", "=", "publication.id").on("publication_event.type", "=", "WITHDRAWN"),
    )
    .select([
      "publication.slug",
      "publication.title",
      "publication.year",
      "publication.language",
      "publication.state",
      "publication.published_at",
      "publication_event.at as withdrawn_at",
      "publication_event.reason as withdrawn_reason",
    ])
    .where("publication.state", "in", ["published", "withdrawn"])
    .orderBy("publication.year", "desc")
    .orderBy("publication.language", "desc")
    .execute();

/** One letter of the public site. A withdrawn one comes without its content. @throws NotFound when it is neither published nor withdrawn */
export async function findPublic(db: Db, slug: string) {
  const row = await db
    .selectFrom("publication")
    .selectAll()
    .where("slug", "=", slug)
    .where("state", "in", ["published", "withdrawn"])
    .executeTakeFirst();
  if (!row) throw new NotFound();
  if (row.state === "published") return { kind: "published" as const, publication: row, letter: frozenLetter(row)! };
  const { at, reason } = await db
    .selectFrom("publication_event")
    .select(["at", "reason"])
    .where("publication_id", "=", row.id)
    .where("type", "=", "WITHDRAWN")
    .executeTakeFirstOrThrow();
  return { kind: "withdrawn" as const, title: row.title, language: row.language, at, reason: reason ?? "" };
}

/** The stored PDF of a letter, byte for byte as it was frozen. @throws NotFound */
export async function findPdf(db: Db, publicationId: string): Promise<{ bytes: Uint8Array; digest: string }> {
  const row = await db
    .selectFrom("publication_file")
    .select(["bytes", "digest"])
    .where("publication_id", "=", publicationId)
    .where("format", "=", "pdf")
    .executeTakeFirst();
  if (!row) throw new NotFound();
  return row;
}

/**
 * Begins the annual letter of a year.
 * @throws Invalid when the letter of that year exists in that language
 */
export async function createLetter(
  tx: Tx,
  { year, language, title, by, now }: { year: number; language: Language; title: string; by: Actor; now: string },
): Promise<string> {
  const id = newId();
  const slug = slugOf(year, language);
  const exists = () => new Invalid({ year: "publications.new.exists" });
  if (await tx.selectFrom("publication").select("id").where("slug", "=", slug).executeTakeFirst()) throw exists();
  try {
    await tx
      .insertInto("publication")
      .values({
        id,
        slug,
        kind: "annual_letter",
        year,
        title,
        language,
        state: "draft",
        version: 1,
        foreword: "",
        frozen: null,
        frozen_at: null,
        digest: null,
        published_at: null,
        created_by: by.id,
        created_at: now,
      })
      .execute();
  } catch (error) {
    throw isUniqueViolation(error) ? exists() : error;
  }
  await tx
    .insertInto("publication_event")
    .values({ publication_id: id, version: 1, type: "CREATED", from_state: null, to_state: "draft", by: by.id, at: now, reason: null })
    .execute();
  return id;
}

const COMPOSING = ["CREATED", "BLOCKS_EDITED", "SENT_TO_REVIEW"];

/** What the machine looks at: everyone who composed a part of the letter, and whether there is anything in it. */
export async function publicationFacts(db: Db | Tx, publication: PublicationTable): Promise<PublicationFacts> {
  const composers = await db
    .selectFrom("publication_event")
    .select("by")
    .distinct()
    .where("publication_id", "=", publication.id)
    .where("type", "in", COMPOSING)
    .orderBy("by")
    .execute();
  const letter = frozenLetter(publication);
  if (letter) return { composers: composers.map(({ by }) => by), blocks: letter.blocks.length };
  const counted = await db
    .selectFrom("edition")
    .innerJoin("report", "report.id", "edition.report_id")
    .select("edition.id")
    .where("edition.superseded_at", "is", null)
    .where("report.state", "<>", "set_aside")
    .where("edition.act_date", ">=", `${publication.year}-01-01`)
    .where("edition.act_date", "<=", `${publication.year}-12-31`)
    .limit(1)
    .executeTakeFirst();
  return { composers: composers.map(({ by }) => by), blocks: (publication.foreword.trim() === "" ? 0 : 1) + (counted ? 1 : 0) };
}

/** One act that the letter's state knows, for this person: its words, and in words what stands in its way. */
export type PublicationAct = { type: PublicationEvent["type"]; label: string; reasons: string[] };

export const publicationActs = (publication: PublicationTable, facts: PublicationFacts, by: Actor, language: Language): PublicationAct[] =>
  publicationOffers(publication.state, facts, by).map(({ type, broken }) => ({
    type,
    label: PUBLICATION_EVENT_WORDS[type].act[language],
    reasons: broken.map((rule) => PUBLICATION_RULE_WORDS[rule][language]),
  }));

/** What was done to a letter after a version, oldest first, in words. */
export async function publicationHistory(db: Db | Tx, id: string, after: number, language: Language): Promise<Happened[]> {
  const rows = await db
    .selectFrom("publication_event")
    .innerJoin("account", "account.id", "publication_event.by")
    .select(["publication_event.type", "publication_event.at", "publication_event.reason", "account.name"])
    .where("publication_id", "=", id)
    .where("version", ">", after)
    .orderBy("version")
    .execute();
  return rows.map(({ type, at, reason, name }) => ({
    at: instant(at, language),
    iso: at,
    who: name,
    what: eventDone(type, language),
    why: reason,
  }));
}

/** An entry of the history in words. */
export const eventDone = (type: string, language: Language): string =>
  type === "CREATED"
    ? translator(language)("publications.event.CREATED")
    : PUBLICATION_EVENT_WORDS[type as PublicationEvent["type"]].done[language];

/** What a letter is on the day it is frozen. */
export type Frozen = { frozen: string; digest: string; pdf: Uint8Array };

/**
 * The letter for the length of the transaction, once the person's page and the rules agree with the event.
 * @throws NotFound; Conflict when somebody acted meanwhile; Refusal with the reasons in words
 */
export async function judgePublication(tx: Tx | Db, id: string, seenVersion: number, event: PublicationEvent) {
  const publication = await tx
    .selectFrom("publication")
    .selectAll()
    .where("id", "=", id)
    .$if(tx.isTransaction && dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();
  if (!publication) throw new NotFound();
  const back = `/redaction/${id}`;
  if (publication.version !== seenVersion)
    throw new Conflict<Db>((db, language) => publicationHistory(db, id, seenVersion, language), back);
  const decision = decidePublication(publication.state, await publicationFacts(tx, publication), event);
  if (decision.kind === "moved") return { publication, from: decision.from, to: decision.to };
  throw new Refusal(
    (language) =>
      decision.kind === "refused"
        ? decision.broken.map((rule) => PUBLICATION_RULE_WORDS[rule][language])
        : [
            translator(language)("publications.event.refused", {
              state: PUBLICATION_STATE_WORDS[publication.state][language],
              act: PUBLICATION_EVENT_WORDS[decision.event].act[language],
            }),
          ],
    back,
  );
}

/**
 * The only writer of a letter's state and of its history. Going into review stores what was frozen; going back to draft removes it.
 * @throws NotFound, Conflict, Refusal
 */
export async function applyPublicationEvent(
  tx: Tx,
  {
    id,
    seenVersion,
    event,
    now,
    foreword,
    frozen,
  }: { id: string; seenVersion: number; event: PublicationEvent; now: string; foreword?: string; frozen?: Frozen },
): Promise<void> {
  const { from, to } = await judgePublication(tx, id, seenVersion, event);
  const version = seenVersion + 1;
  if ((to === "in_review") !== (frozen !== undefined)) throw new Error("A letter is frozen on its way into review, and only then");
  await tx
    .updateTable("publication")
    .set({
      state: to,
      version,
      ...(foreword !== undefined && { foreword }),
      ...(frozen && { frozen: frozen.frozen, digest: frozen.digest, frozen_at: now }),
      ...(event.type === "RETURNED_TO_DRAFT" && { frozen: null, digest: null, frozen_at: null }),
      ...(event.type === "PUBLISHED" && { published_at: now }),
    })
    .where("id", "=", id)
    .execute();
  if (event.type === "RETURNED_TO_DRAFT") await tx.deleteFrom("publication_file").where("publication_id", "=", id).execute();
  if (frozen)
    await tx
      .insertInto("publication_file")
      .values({
        publication_id: id,
        format: "pdf",
        bytes: Buffer.from(frozen.pdf),
        digest: createHash("sha256").update(frozen.pdf).digest("hex"),
      })
      .execute();
  await tx
    .insertInto("publication_event")
    .values({
      publication_id: id,
      version,
      type: event.type,
      from_state: from,
      to_state: to,
      by: event.by.id,
      at: now,
      reason: "reason" in event ? event.reason : null,
    })
    .execute();
}
