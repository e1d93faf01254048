import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;

/** Mails that leave after the act that asked for them, and files that came through a personal link with a form that was drawn again. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const bytes = dialect === "sqlite" ? "blob" : "bytea";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await create(
    "mail_message",
    `
    id text primary key,
    kind text not null ${oneOf("kind", "dispatch", "reminder", "acknowledgement")},
    recommendation_id text not null references recommendation (id),
    contact_id text references addressee_contact (id),
    link_id text references answer_link (id),
    language text not null ${oneOf("language", "fr", "en")},
    to_address text not null check (to_address like '%_@_%'),
    recipient text not null check (length(recipient) > 0),
    subject text not null check (length(subject) > 0),
    text text check (length(text) > 0),
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    state text not null ${oneOf("state", "queued", "sent", "failed", "cancelled")},
    attempts integer not null default 0 check (attempts >= 0),
    next_attempt_at text not null ${isInstant("next_attempt_at")},
    runner text,
    leased_until text ${isInstant("leased_until")},
    sent_at text ${isInstant("sent_at")},
    last_error text check (length(last_error) between 1 and 40),
    check ((state = 'sent') = (sent_at is not null)),
    check (state <> 'queued' or text is not null),
    check (state not in ('sent', 'cancelled') or text is null),
    check ((runner is null) = (leased_until is null))`,
  );
  await run("create index mail_message_due on mail_message (state, next_attempt_at)");
  await run("create index mail_message_link on mail_message (link_id)");
  // The same form sent twice is one contact.
  await run(`create unique index addressee_contact_open on addressee_contact (addressee, service, coalesce(person, ''), coalesce(email, ''))
    where closed_at is null`);
  await create(
    "answer_file",
    `
    id text primary key,
    link_id text not null references answer_link (id),
    file_name text not null check (length(file_name) > 0),
    media_type text not null,
    byte_count integer not null check (byte_count > 0),
    digest text not null check (length(digest) = 64),
    bytes ${bytes} not null,
    received_at text not null ${isInstant("received_at")}`,
  );
  await run("create index answer_file_link on answer_file (link_id)");
}
