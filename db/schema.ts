import type { Generated, Kysely, Transaction } from "kysely";
import type { Role } from "../workflows/actor.ts";
import type { PublicationState } from "../workflows/publication.machine.ts";
import type { RecommendationState } from "../workflows/recommendation.decide.ts";
import type { Answer, AnswerAssessment, Implementation } from "../workflows/recommendation.machine.ts";
import type { ReportState } from "../workflows/report.decide.ts";

export type Db = Kysely<Schema>;
export type Tx = Transaction<Schema>;

/** "2026-11-23T20:16:22.219Z": sorts as text and reads the same from both databases. */
export type IsoInstant = string;
/** "2026-11-23" */
export type IsoDate = string;
/** A JSON value kept as text. */
export type Json = string;
/** 0 or 1. */
export type Bit = 0 | 1;

// --- people -----------------------------------------------------------------------------------------------------------------------
export interface AccountTable {
  id: string;
  email: string; // lower case
  name: string;
  passphrase_hash: string;
  language: "fr" | "en";
  created_at: IsoInstant;
  disabled_at: IsoInstant | null;
}
export interface AccountRoleTable {
  account_id: string;
  role: Role;
}
export interface SessionTable {
  /** SHA-256 of the cookie's value, hexadecimal: the row alone opens nothing. */
  id: string;
  account_id: string | null;
  data: Json;
  created_at: IsoInstant;
  seen_at: IsoInstant;
}
export interface TokenTable {
  id: string;
  kind: "first_administrator" | "invitation" | "recovery";
  /** SHA-256 of the secret, hexadecimal. */
  hash: string;
  email: string | null;
  name: string | null;
  roles: Json;
  account_id: string | null;
  created_by: string | null;
  created_at: IsoInstant;
  expires_at: IsoInstant;
  used_at: IsoInstant | null;
}
/** A form sent after its session had expired: saved or given up by the same person after signing in again, else forgotten after a day. */
export interface KeptActTable {
  id: string;
  account_id: string;
  /** The address it was posted to, and the page it came from: receipt numbers and codes only. */
  path: string;
  place: string;
  /** Of acts that wait with the same word, the last one alone is kept. */
  replaces: string | null;
  /** JSON of the fields; files are not kept. */
  body: Json;
  had_files: Bit;
  at: IsoInstant;
}
/** Who did or read what; ids only, never a text. Rows are never changed or removed (triggers hold it). */
export interface AuditTable {
  id: Generated<number>;
  at: IsoInstant;
  account_id: string | null;
  action: string;
  object_kind: string | null;
  object_id: string | null;
  result: "done" | "refused";
  address: string | null;
  detail: Json | null;
}

// --- codebook ---------------------------------------------------------------------------------------------------------------------
export interface CodebookVersionTable {
  version: string;
  codebook: string;
  status: "draft" | "published" | "retired";
  title_fr: string;
  title_en: string;
  /** SHA-256 of `source`. */
  digest: string;
  /** The YAML it was loaded from, whole. */
  source: string;
  published_at: IsoInstant | null;
  /** The version it was drafted from; null for the first ones. */
  base_version: string | null;
  /** What its publisher said of it. */
  note: string | null;
  published_by: string | null;
}
export interface CodebookSectionTable {
  codebook_version: string;
  code: string;
  position: number;
  label_fr: string;
  label_en: string;
  note_fr: string | null;
}
export interface CodebookFactorTable {
  codebook_version: string;
  code: string;
  section: string;
  position: number;
  type: "presence" | "category" | "multi" | "number" | "date";
  applies_to: "case" | "victim" | "perpetrator" | "child";
  label_fr: string;
  label_en: string;
  definition_fr: string;
  options_ref: string | null;
  unit: string | null;
  risk_factor: Bit;
  sensitive: string | null;
  disclosure: string | null;
  available_from: string | null;
  indicator_terms_fr: Json;
}
export interface CodebookOptionTable {
  codebook_version: string;
  factor: string;
  code: string;
  position: number;
  label_fr: string;
  label_en: string;
}
export interface CodebookCrosswalkTable {
  from_version: string;
  from_factor: string;
  to_version: string;
  to_factor: string | null;
  rule: "same" | "split" | "merged" | "retired" | "recode";
  note: string | null;
}
/** A value of one version that stands for a value of the next; "*" for whatever the value is. Values without a row are coded again. */
export interface CodebookCarriedValueTable {
  from_version: string;
  from_factor: string;
  to_version: string;
  to_factor: string;
  from_value: string;
  to_value: string;
}
/** A version in the making: whole and lenient, since it may lack something until it is published. */
export interface CodebookDraftTable {
  id: string;
  base_version: string;
  /** The number it will have. */
  version: string;
  note: string;
  /** JSON of the CodebookDefinition. */
  content: Json;
  /** JSON of what was decided of the base's factors, by code (server/codebook/crosswalk.ts). */
  decisions: Json;
  status: "open" | "published" | "abandoned";
  created_by: string;
  created_at: IsoInstant;
  updated_by: string;
  updated_at: IsoInstant;
}
/** A report pinned to an earlier version when a later one was published. */
export interface RecodeTaskTable {
  report_id: string;
  to_version: string;
  from_version: string;
  /** "replaced": a later version asks for the same. */
  status: "waiting" | "done" | "not_needed" | "replaced";
  created_at: IsoInstant;
  decided_by: string | null;
  decided_at: IsoInstant | null;
  reason: string | null;
}
/** What a coding held when its report passed to another version. Never changed. */
export interface RecodedValueTable {
  id: Generated<number>;
  report_id: string;
  from_version: string;
  to_version: string;
  layer: Layer;
  factor: string;
  subject: string;
  outcome: "carried" | "partly" | "recode" | "retired";
  /** JSON of the coding with its passages. */
  coding: Json;
  at: IsoInstant;
}
export interface CodebookProposalTable {
  id: string;
  codebook_version: string;
  /** Null: about the codebook as a whole, or a factor that it lacks. */
  factor: string | null;
  title: string;
  body: string;
  status: "open" | "accepted" | "declined";
  reason: string | null;
  draft_id: string | null;
  created_by: string;
  created_at: IsoInstant;
  decided_by: string | null;
  decided_at: IsoInstant | null;
}
/** What was said of a proposal. Never changed. */
export interface CodebookCommentTable {
  id: string;
  proposal_id: string;
  parent_id: string | null;
  body: string;
  by: string;
  at: IsoInstant;
}

// --- reports ----------------------------------------------------------------------------------------------------------------------
export type ActKind = "homicide" | "attempted_homicide" | "forced_suicide" | "forced_suicide_attempt" | "other";
export type Proceedings =
  | "preliminary_investigation"
  | "judicial_investigation"
  | "awaiting_trial"
  | "judged"
  | "final"
  | "extinguished"
  | "dismissed"
  | "unknown";
export type IssuingKind = "prosecutor" | "general_prosecutor" | "inspection" | "police" | "gendarmerie" | "other";
export interface ReportTable {
  /** The receipt number, "RETEX-2026-0042"; also what URLs hold. */
  id: string;
  state: ReportState;
  version: number;
  received_on: IsoDate;
  issuing_kind: IssuingKind;
  issuing_service: string;
  /** The service as it is searched: without accents or case (server/reports/fold.ts). */
  service_folded: string;
  /** SRJ code of the first-instance court. */
  court: string;
  /** The appeal court's name, from the list of courts. */
  appeal_court: string;
  /** COG code of the département of the act: a fact of its own, never derived from the court. */
  department: string;
  /** COG code of the region of that département at registration. */
  region: string;
  act_date: IsoDate;
  act_kind: ActKind;
  proceedings: Proceedings;
  priority: "normal" | "high";
  due_on: IsoDate | null;
  codebook_version: string;
  /** "blind" while two analysts code without seeing each other; "adjudicated" once a third has settled what they coded. */
  coding_mode: "single" | "blind" | "adjudicated";
  /** The layer that findings, figures and editions rest on: the only coder's, or 3 where two coded. */
  counted_layer: Layer;
  /** The history of violence is also coded from the victim towards the perpetrator. */
  second_direction: Bit;
  /** The import that brought it. */
  import_id: string | null;
  /** 1 while its import is not finished, or is being taken back: the report exists for nobody. */
  held: Bit;
  deposited_by: string;
  created_at: IsoInstant;
  updated_at: IsoInstant;
}
/** Layers 1 and 2 are two analysts' own; 3 is what was settled between them. */
export type Layer = 1 | 2 | 3;
/** The last number given out in a year. */
export interface CounterTable {
  kind: "report" | "recommendation" | "cross_finding" | "practice";
  year: number;
  last: number;
}
/** Everyone who ever wrote a finding or a recommendation of a report: they never review it. */
export interface ReportAuthorTable {
  report_id: string;
  account_id: string;
}
export interface ReportEventTable {
  id: Generated<number>;
  report_id: string;
  version: number;
  type: string;
  from_state: ReportState | null;
  to_state: ReportState;
  by: string;
  at: IsoInstant;
  reason: string | null;
  /** What a person needs to read the entry (finding number, new document's number…); no free text. */
  detail: Json | null;
}
export interface AssignmentTable {
  id: string;
  report_id: string;
  analyst_id: string;
  /** Which layer of codings is this analyst's: 1, or 2 when two code blind; 3 for whoever settles their differences. */
  layer: Layer;
  assigned_by: string;
  assigned_at: IsoInstant;
  /** When this analyst's blind layer was handed in; empty again when it is reopened. */
  submitted_at: IsoInstant | null;
  ended_at: IsoInstant | null;
  /** Why two code: chosen by hand, drawn, or because the first coder was unsure. */
  rule: "hand" | "draw" | "low_confidence" | null;
}
/** Reports drawn for a second coder: the seed and the candidates give the same draw again. */
export interface AssignmentDrawTable {
  id: string;
  drawn_by: string;
  drawn_at: IsoInstant;
  rule: "share" | "low_confidence";
  seed: string;
  share_percent: number;
  /** JSON of the receipt numbers drawn from, in order, and of those drawn. */
  candidates: Json;
  drawn: Json;
}
export interface PersonTable {
  id: string;
  report_id: string;
  kind: "victim" | "perpetrator" | "child";
  number: number;
  sex: "female" | "male" | "unknown";
}
export interface DocumentTable {
  id: string;
  report_id: string;
  number: number;
  file_name: string;
  media_type: string;
  byte_count: number;
  /** SHA-256 of the bytes as received, hexadecimal. */
  digest: string;
  has_text: Bit;
  page_count: number | null;
  /** The frozen text: UTF-8, NFC, LF; every passage offset rests on it. */
  text: string;
  /** JSON of `Block[]` and `Page[]` (server/documents). */
  blocks: Json;
  pages: Json;
  added_by: string;
  added_at: IsoInstant;
}
export interface DocumentContentTable {
  document_id: string;
  bytes: Uint8Array;
}
/** A file sent with a form that could not be taken yet: kept so that nobody sends it twice; forgotten after a day. */
export interface StagedDocumentTable {
  id: string;
  account_id: string;
  file_name: string;
  bytes: Uint8Array;
  digest: string;
  /** JSON of the ReadDocument. */
  reading: Json;
  staged_at: IsoInstant;
}
export interface ChronologyEntryTable {
  id: string;
  report_id: string;
  /** The first day it can have been: of the month or the year where no more is known. */
  starts_on: IsoDate;
  precision: "day" | "month" | "year";
  /** For a period, its last day, of the month or the year likewise. */
  ends_on: IsoDate | null;
  ends_precision: "day" | "month" | "year" | null;
  /** The document itself doubts the date, or gives it as near. */
  uncertain: Bit;
  kind: "contact" | "report" | "complaint" | "measure" | "decision" | "event";
  service: string | null;
  description: string;
  /** What was done about it. */
  response: string | null;
  person_id: string | null;
  passage_id: string | null;
  version: number;
  created_by: string;
  created_at: IsoInstant;
  updated_by: string;
  updated_at: IsoInstant;
  deleted_at: IsoInstant | null;
}
/** Entries of the chronology that a finding rests on. */
export interface FindingChronologyTable {
  finding_id: string;
  entry_id: string;
}

// --- coding -----------------------------------------------------------------------------------------------------------------------
export type Confidence = "high" | "medium" | "low";
export interface CodingTable {
  id: string;
  report_id: string;
  layer: Layer;
  codebook_version: string;
  factor: string;
  /** "case", "reverse" (the case seen from the victim towards the perpetrator), or the id of the person it is about. */
  subject: string;
  person_id: string | null;
  /**
   * Canonical text: "present"/"absent"/"unknown"; an option code; for several, codes in codebook order joined by ","; a decimal number; an
   * ISO date. "unknown" always means not documented.
   */
  value: string;
  confidence: Confidence | null;
  evidence_basis: string | null;
  known_when: string | null;
  note: string | null;
  /** Why this value, where no passage shows it. */
  reason: string | null;
  /** Where the value came from, when no coder has confirmed it since: a spreadsheet, or an earlier version of the codebook. */
  origin: "imported" | "carried" | null;
  version: number;
  coded_by: string;
  coded_at: IsoInstant;
}
/** Every act of coding, in order: what undo, redo and the separation of duties rest on. Never updated. */
export interface CodingActTable {
  id: Generated<number>;
  report_id: string;
  layer: Layer;
  factor: string;
  subject: string;
  by: string;
  at: IsoInstant;
  /** JSON of what the act left behind (ActContent of server/coding/acts.ts): `value` null when the coding was cleared. */
  after: Json | null;
  kind: Generated<"coded" | "undone" | "redone">;
  /** Acts of one gesture (a whole section) share this. */
  batch: string | null;
}
export interface PassageTable {
  id: string;
  report_id: string;
  document_id: string;
  /** Code points of the frozen text, half-open; null for a passage of a page without text. */
  starts: number | null;
  ends: number | null;
  page: number | null;
  /** The exact words (typed from the page when it has no text). */
  quote: string;
  created_by: string;
  created_at: IsoInstant;
}
export interface CodingPassageTable {
  coding_id: string;
  passage_id: string;
}
/** A suggestion that a coder does not want to see again, for one factor and subject of one layer. */
export interface SuggestionDismissalTable {
  report_id: string;
  layer: Layer;
  factor: string;
  subject: string;
  document_id: string;
  /** Code points of the frozen text, half-open. */
  starts: number;
  ends: number;
  by: string;
  at: IsoInstant;
}
/** Each decision of an adjudicator, kept for ever; the last one of a factor and subject counts, and its value is layer 3's. */
export interface AdjudicationTable {
  id: Generated<number>;
  report_id: string;
  factor: string;
  subject: string;
  /** "agreed": both coders said the same. */
  choice: "agreed" | "first" | "second" | "other" | "unknown";
  value: string;
  /** What the two coders said when it was decided; null for one who had not coded it. */
  first_value: string | null;
  second_value: string | null;
  reason: string | null;
  decided_by: string;
  decided_at: IsoInstant;
}
/** What two coders said before anybody compared, frozen when the second handed in: what agreement is measured on. */
export interface DoubleCodingTable {
  report_id: string;
  factor: string;
  subject: string;
  codebook_version: string;
  /** Coders of layers 1 and 2. */
  first_coder: string;
  second_coder: string;
  first_value: string;
  second_value: string;
  compared_at: IsoInstant;
}

// --- questions, and how each person meets hard passages ---------------------------------------------------------------------------
/**
 * Whom a question or a post concerns while two analysts code without seeing each other: 0 both of them, 1 or 2 the coder of that layer alone,
 * 3 neither. Without two coders, whoever reads the report reads it.
 */
export type Side = 0 | 1 | 2 | 3;
export interface QuestionTable {
  id: string;
  report_id: string;
  target: "report" | "factor" | "passage";
  factor: string | null;
  subject: string | null;
  /** The passage as it was when the question was asked: code points of the frozen text, or the words typed from a page. */
  document_id: string | null;
  starts: number | null;
  ends: number | null;
  page: number | null;
  quote: string | null;
  side: Side;
  asked_by: string;
  asked_at: IsoInstant;
}
/** Everything said in a thread, in order; whether it is open, answered or closed follows from the last post that a reader sees. */
export interface QuestionPostTable {
  id: Generated<number>;
  question_id: string;
  kind: "question" | "answer" | "closed" | "reopened";
  side: Side;
  text: string | null;
  by: string;
  at: IsoInstant;
  /** Made with the form: the same form sent twice is one post. */
  token: string;
}
export interface QuestionMentionTable {
  post_id: number;
  account_id: string;
  /** The name as it stands in the text. */
  written: string;
}
/** Each person's own setting; nobody else reads it. Without a row: veiled where one reads, a reminder each hour. */
export interface ReadingSettingTable {
  account_id: string;
  veil: "everywhere" | "reading" | "nowhere";
  /** Pictures of pages are shown unasked. */
  pages_shown: Bit;
  reminder_minutes: 30 | 60 | 90 | null;
  /** The day for which the reminder was put aside. */
  reminded_on: IsoDate | null;
}
/** A passage that somebody marked as hard to read. */
export interface HardPassageTable {
  passage_id: string;
  marked_by: string;
  marked_at: IsoInstant;
}

// --- findings and recommendations -------------------------------------------------------------------------------------------------
export type FindingKind = "failing" | "missed_signal" | "good_practice" | "context";
/** "edits_proposed": a reviewer proposed other words, which wait for the author. */
export type FindingStatus = "draft" | "approved" | "returned" | "edits_proposed";
export interface FindingTable {
  id: string;
  report_id: string;
  number: number;
  kind: FindingKind;
  statement: string;
  public_statement: string | null;
  service: string | null;
  known_when: string | null;
  status: FindingStatus;
  /** Whether a second reviewer reads the public statement: asked for, or done; null: nobody asked. */
  second_review: "asked" | "confirmed" | null;
  version: number;
  written_by: string;
  written_at: IsoInstant;
  deleted_at: IsoInstant | null;
}
export interface FindingFactorTable {
  finding_id: string;
  factor: string;
}
export interface FindingPassageTable {
  finding_id: string;
  passage_id: string;
}
export type ReturnCategory = "evidence" | "wording" | "confidentiality" | "kind" | "scope" | "recommendation" | "other";
export type FindingDecisionKind = "approved" | "returned" | "second_asked" | "confirmed" | "reset" | "withdrawn";
/** Each decision on a finding, kept for ever; "reset": what it rests on changed, it is to be decided again. */
export interface FindingDecisionTable {
  id: Generated<number>;
  finding_id: string;
  finding_version: number;
  decision: FindingDecisionKind;
  /** Why it was returned, of a list; null for what was returned before there was one. */
  category: ReturnCategory | null;
  /** JSON list of the checks that were ticked (PUBLIC_CHECKS); null without a public statement. */
  checklist: Json | null;
  /** JSON of what the finding rested on at that moment (evidence.ts). */
  evidence: Json | null;
  /** JSON of what changed in it since; only for "reset". */
  changes: Json | null;
  comment: string;
  by: string;
  at: IsoInstant;
}
/** Other words for a finding: a reviewer's, which wait for the author, or after publication the author's, which wait for a reviewer. */
export interface FindingProposalTable {
  id: string;
  finding_id: string;
  finding_version: number;
  kind: "review" | "correction";
  proposed_by: string;
  proposed_at: IsoInstant;
  /** JSON of the words it would replace. */
  words_before: Json;
  statement: string;
  public_statement: string | null;
  service: string | null;
  reason: string;
  checklist: Json | null;
  evidence: Json | null;
  decided_by: string | null;
  decided_at: IsoInstant | null;
  /** "lapsed": the text or what it rests on changed before anybody answered. */
  outcome: "accepted" | "declined" | "lapsed" | null;
  outcome_reason: string | null;
}
/** Somebody does not agree with a finding, and says why; withdrawn or not, it stays. */
export interface FindingDissentTable {
  id: string;
  finding_id: string;
  finding_version: number;
  text: string;
  by: string;
  at: IsoInstant;
  withdrawn_at: IsoInstant | null;
}
export interface RecommendationTable {
  id: string;
  /** "REC-2026-0042" */
  reference: string;
  /** The report it was written for, and its number there; null when it rests on cross-case findings. */
  report_id: string | null;
  number: number | null;
  text: string;
  /** What is searched: the reference, the receipt number and the text, folded (server/follow-up/searched.ts). */
  folded: string;
  /** Who leads; "multi" where nobody does. Those who act with them: recommendation_addressee. */
  addressee: string;
  level: string;
  theme: string;
  type: string;
  origin: "report" | "observatory";
  /** By when it is to be carried out. */
  deadline: IsoDate | null;
  /** What would prove that it was. */
  proof_expected: string | null;
  state: RecommendationState;
  version: number;
  written_by: string;
  written_at: IsoInstant;
  approved_at: IsoInstant | null;
  /** Of its last issue, as are the three below. */
  issued_at: IsoInstant | null;
  /** By when an answer is awaited. */
  answer_due: IsoDate | null;
  received_at: IsoInstant | null;
  /** First answer since the last issue. */
  answered_at: IsoInstant | null;
  assessed_at: IsoInstant | null;
  closed_at: IsoInstant | null;
  /** The two last findings of the observatory: of the answer, and of the implementation. */
  assessment: AnswerAssessment | null;
  implementation: Implementation | null;
  /** A finding behind it was withdrawn or changed, and nobody decided since. */
  evidence_question_at: IsoInstant | null;
  deleted_at: IsoInstant | null;
}
/** Columns of the follow-up: empty until it begins. */
type FollowUpColumn =
  | "folded"
  | "proof_expected"
  | "answer_due"
  | "received_at"
  | "answered_at"
  | "assessed_at"
  | "closed_at"
  | "assessment"
  | "implementation"
  | "evidence_question_at";
export interface RecommendationFindingTable {
  recommendation_id: string;
  finding_id: string;
}
/** What happened to a recommendation: written once; `by` an account, or `link_id` where an addressee acted. */
export interface RecommendationEventTable {
  id: Generated<number>;
  recommendation_id: string;
  version: number;
  type: string;
  from_state: RecommendationState | null;
  to_state: RecommendationState;
  by: string | null;
  link_id: string | null;
  at: IsoInstant;
  reason: string | null;
  /** Codes, dates, references and ids only. */
  detail: Json | null;
}
export interface RecommendationAuthorTable {
  recommendation_id: string;
  account_id: string;
}
export interface RecommendationAddresseeTable {
  recommendation_id: string;
  addressee: string;
}
export interface RecommendationCrossFindingTable {
  recommendation_id: string;
  cross_finding_id: string;
}
/** "The same as" or "a part of" another; one of each kind at most, never in a ring. */
export interface RecommendationTieTable {
  recommendation_id: string;
  kind: "same_as" | "part_of";
  target_id: string;
  by: string;
  at: IsoInstant;
}
/** Whom to write to at an addressee; closed, never removed. */
export interface AddresseeContactTable {
  id: string;
  addressee: string;
  service: string;
  person: string | null;
  email: string | null;
  postal_address: string | null;
  language: "fr" | "en";
  created_by: string;
  created_at: IsoInstant;
  closed_at: IsoInstant | null;
}
export type Channel = "registered_letter" | "letter" | "email" | "hand" | "link" | "other";
/** A dispatch, a reminder or a receipt with what proves it; written once. */
export interface RecommendationDispatchTable {
  id: string;
  recommendation_id: string;
  kind: "dispatch" | "reminder" | "receipt";
  on_date: IsoDate;
  channel: Channel;
  contact_id: string | null;
  recipient: string;
  proof_reference: string | null;
  file_name: string | null;
  media_type: string | null;
  bytes: Uint8Array | null;
  digest: string | null;
  by: string | null;
  link_id: string | null;
  at: IsoInstant;
}
/** A personal link through which an addressee answers one recommendation, once. */
export interface AnswerLinkTable {
  id: string;
  recommendation_id: string;
  contact_id: string | null;
  recipient: string;
  /** SHA-256 of the secret, hexadecimal. */
  hash: string;
  created_by: string;
  created_at: IsoInstant;
  expires_at: IsoInstant;
  revoked_at: IsoInstant | null;
  opened_at: IsoInstant | null;
  answered_at: IsoInstant | null;
}
export type MailKind = "dispatch" | "reminder" | "acknowledgement";
/** A mail that leaves after the act that asked for it. Its text, which may hold a personal link, goes with it: null once sent or given up. */
export interface MailMessageTable {
  id: string;
  kind: MailKind;
  recommendation_id: string;
  contact_id: string | null;
  link_id: string | null;
  language: "fr" | "en";
  to_address: string;
  recipient: string;
  subject: string;
  text: string | null;
  created_by: string;
  created_at: IsoInstant;
  state: "queued" | "sent" | "failed" | "cancelled";
  attempts: number;
  next_attempt_at: IsoInstant;
  /** The server that is sending it, until when it may. */
  runner: string | null;
  leased_until: IsoInstant | null;
  sent_at: IsoInstant | null;
  /** A code, never what the other side said. */
  last_error: string | null;
}
/** A file that came through a personal link with a form that was drawn again; waits there for a day at most. */
export interface AnswerFileTable {
  id: string;
  link_id: string;
  file_name: string;
  media_type: string;
  byte_count: number;
  digest: string;
  bytes: Uint8Array;
  received_at: IsoInstant;
}
/** What an addressee said; written once. `by`: the account that recorded it, or `link_id`. */
export interface RecommendationAnswerTable {
  id: string;
  recommendation_id: string;
  number: number;
  said: Answer;
  text: string;
  answered_on: IsoDate;
  planned_for: IsoDate | null;
  respondent: string;
  received_at: IsoInstant;
  by: string | null;
  link_id: string | null;
  /** Of the form: the same form sent twice is one answer. */
  nonce: string | null;
}
export interface AnswerProofTable {
  id: string;
  answer_id: string;
  file_name: string;
  media_type: string;
  byte_count: number;
  digest: string;
  bytes: Uint8Array;
}
/** What the observatory found, of an answer or of the implementation; written once, the last of each kind counts. */
export interface RecommendationAssessmentTable {
  id: Generated<number>;
  recommendation_id: string;
  kind: "answer" | "implementation";
  answer_id: string | null;
  value: AnswerAssessment | Implementation;
  comment: string;
  on_date: IsoDate;
  by: string;
  at: IsoInstant;
}

// --- cross-case findings ----------------------------------------------------------------------------------------------------------
export type CrossFindingState = "draft" | "in_review" | "approved" | "withdrawn";
export interface CrossFindingTable {
  id: string;
  /** "CT-2026-0003" */
  reference: string;
  state: CrossFindingState;
  version: number;
  kind: FindingKind;
  statement: string;
  public_statement: string | null;
  service: string | null;
  known_when: string | null;
  written_by: string;
  written_at: IsoInstant;
  submitted_at: IsoInstant | null;
  approved_at: IsoInstant | null;
  withdrawn_at: IsoInstant | null;
  evidence_changed_at: IsoInstant | null;
  /** Number of the approved text that stands, whatever is written since; null before the first and once withdrawn. */
  standing_text: number | null;
  second_review: "asked" | "confirmed" | null;
  confirmed_by: string | null;
}
/** Columns of its life: empty when it is first written. */
type CrossFindingColumn =
  | "submitted_at"
  | "approved_at"
  | "withdrawn_at"
  | "evidence_changed_at"
  | "standing_text"
  | "second_review"
  | "confirmed_by";
/** The factors of published reports that it rests on, with the value its author saw in that edition. */
export interface CrossFindingBasisTable {
  cross_finding_id: string;
  report_id: string;
  factor: string;
  edition: number;
  /** Values of its subjects in their order, joined by ";"; options of one subject by ",". */
  value: string;
  /** Codes of `known_when` in the same order, empty where nothing is said. */
  known_when: string;
  /** SHA-256 of the places of the passages that showed it; null where the report was being coded again. */
  passages: string | null;
}
export interface CrossFindingAuthorTable {
  cross_finding_id: string;
  account_id: string;
}
export interface CrossFindingEventTable {
  id: Generated<number>;
  cross_finding_id: string;
  version: number;
  type: string;
  from_state: CrossFindingState | null;
  to_state: CrossFindingState;
  by: string;
  at: IsoInstant;
  reason: string | null;
  detail: Json | null;
}

/** A text that was approved, written once. */
export interface CrossFindingTextTable {
  cross_finding_id: string;
  number: number;
  kind: FindingKind;
  statement: string;
  public_statement: string | null;
  service: string | null;
  known_when: string | null;
  /** JSON of the reports, factors, editions and values it rested on. */
  basis: Json;
  /** JSON of the checks of the public statement that the reviewer went through. */
  checklist: Json | null;
  approved_by: string;
  approved_at: IsoInstant;
}
/** Words that a reviewer proposes; one waits at a time. */
export interface CrossFindingProposalTable {
  id: string;
  cross_finding_id: string;
  proposed_by: string;
  proposed_at: IsoInstant;
  /** JSON of the words that it was proposed on. */
  words_before: Json;
  statement: string;
  public_statement: string | null;
  service: string | null;
  reason: string;
  decided_by: string | null;
  decided_at: IsoInstant | null;
  outcome: "accepted" | "declined" | "lapsed" | null;
  outcome_reason: string | null;
}
export interface CrossFindingDissentTable {
  id: string;
  cross_finding_id: string;
  text: string;
  by: string;
  at: IsoInstant;
  withdrawn_at: IsoInstant | null;
}
/** A good practice as anyone may read it; public pages look at this table alone. */
export interface GoodPracticeTable {
  /** "BP-2026-0001" */
  reference: string;
  finding_id: string | null;
  cross_finding_id: string | null;
  statement: string;
  /** Codes of sections of the codebook joined by ",". */
  sections: string;
  published_at: IsoInstant;
  changed_at: IsoInstant | null;
  withdrawn_at: IsoInstant | null;
}

// --- quality ----------------------------------------------------------------------------------------------------------------------
/** What the rules of quality last said of a report. Codes and places only: the words are in the report. */
export interface QualityResultTable {
  report_id: string;
  judged_at: IsoInstant;
  /** What the report was when it was judged (server/quality/results.ts): another stamp, and it is to be judged again. */
  stamp: string;
  /** Which rules applied: they depend on the codebook, and on whether the coding was handed in. */
  codebook_version: string;
  coded: Bit;
  blocking: number;
  warnings: number;
  /** JSON of { rule, place } for each issue. */
  issues: Json;
}
/** How many issues of each rule a report has; rules without an issue have no row. */
export interface QualityCountTable {
  report_id: string;
  rule: string;
  issues: number;
}

// --- editions: what counts in the figures -----------------------------------------------------------------------------------------
/** What a report said when its findings were published; a later edition supersedes it, it never changes. */
export interface EditionTable {
  id: string;
  report_id: string;
  number: number;
  published_at: IsoInstant;
  published_by: string;
  superseded_at: IsoInstant | null;
  codebook_version: string;
  /** The sheet's scope on that day: figures are filtered on these, so that a later correction of the sheet changes none silently. */
  act_date: IsoDate;
  act_kind: ActKind;
  department: string;
  region: string;
  /** JSON of the sheet, the approved findings with their factors and passages, and the recommendations. */
  content: Json;
  digest: string;
}
/** One row for each factor, subject and chosen option of an edition: the only table figures are counted on. */
export interface EditionValueTable {
  edition_id: string;
  report_id: string;
  factor: string;
  subject: string;
  /** "case", "victim", "perpetrator", "child" */
  subject_kind: string;
  value: string;
  number: number | null;
  known_when: string | null;
}

/** The history of violence of an edition in its second direction: apart, so that no case is counted twice. */
export interface EditionReverseValueTable {
  edition_id: string;
  report_id: string;
  factor: string;
  value: string;
  known_when: string | null;
}

/** One row for each approved finding of an edition, with the words it had: what is searched by kind. */
export interface EditionFindingTable {
  edition_id: string;
  number: number;
  kind: FindingKind;
  statement: string;
  public_statement: string | null;
  service: string | null;
  /** Codes joined by ",". */
  factors: string;
}

// --- publications and reference figures -------------------------------------------------------------------------------------------
export interface PublicationTable {
  id: string;
  slug: string;
  kind: "annual_letter";
  year: number;
  title: string;
  language: "fr" | "en";
  state: PublicationState;
  version: number;
  foreword: string;
  /** JSON of the LetterDocument, from the moment it is sent to review. */
  frozen: Json | null;
  frozen_at: IsoInstant | null;
  digest: string | null;
  published_at: IsoInstant | null;
  created_by: string;
  created_at: IsoInstant;
}
export interface PublicationEventTable {
  id: Generated<number>;
  publication_id: string;
  version: number;
  type: string;
  from_state: PublicationState | null;
  to_state: PublicationState;
  by: string;
  at: IsoInstant;
  reason: string | null;
}
export interface PublicationFileTable {
  publication_id: string;
  format: "pdf";
  bytes: Uint8Array;
  digest: string;
}
export interface ReferenceSourceTable {
  code: string;
  title: string;
  publisher: string;
  year: number | null;
  url: string | null;
  kind: string;
}
export interface ReferenceFigureTable {
  id: string;
  measure: string;
  year: number;
  scope: string;
  value: number;
  unit: string;
  source: string | null;
  verified: Bit;
  note: string | null;
}
/** Each export taken out of the house. */
export interface ExportLogTable {
  id: Generated<number>;
  by: string;
  at: IsoInstant;
  what: string;
  format: string;
  filters: Json;
  row_count: number;
}

// --- work in the background, and exports of the register ----------------------------------------------------------------------------
/** Work that outlasts a request: done by whichever server holds its lease. */
export interface JobTable {
  id: string;
  kind: string;
  /** JSON of ids and choices, never a text of a case. */
  payload: Json;
  state: "queued" | "running" | "done" | "failed";
  /** From 0 to 1. */
  progress: number;
  /** How often it was begun; also tells one holder of the lease from an earlier one. */
  attempts: number;
  /** The process that does it, and until when it is believed to be alive. */
  runner: string | null;
  leased_until: IsoInstant | null;
  /** Why it was given up: a code. */
  failure: string | null;
  created_by: string | null;
  created_at: IsoInstant;
  finished_at: IsoInstant | null;
}
/** One export of the register: asked for, made, kept until it expires. The row stays; its file does not. */
export interface ExportTable {
  id: string;
  /** Null where it was made at once. */
  job_id: string | null;
  by: string;
  at: IsoInstant;
  language: "fr" | "en";
  format: "csv" | "xlsx" | "ods" | "json" | "docx" | "odt" | "pdf";
  /** The name of the layout it was made with, or the code of one of the house's own. */
  layout: string | null;
  /** JSON list of the keys of columns (server/exports/columns.ts), in order. */
  columns: Json;
  history: Bit;
  grouped_by: "addressee" | "theme" | null;
  /** JSON of what the address of the register asked for. */
  filters: Json;
  row_count: number | null;
  file_name: string | null;
  media_type: string | null;
  byte_count: number | null;
  digest: string | null;
  bytes: Uint8Array | null;
  made_at: IsoInstant | null;
  expires_at: IsoInstant | null;
  /** When the file was removed: by somebody, or for its age. */
  erased_at: IsoInstant | null;
  erased_by: string | null;
}
/** Columns in an order, under a name: one's own, or of the house. */
export interface ExportLayoutTable {
  id: string;
  name: string;
  /** As it is compared: without accents or case. */
  name_folded: string;
  columns: Json;
  history: Bit;
  shared: Bit;
  by: string;
  at: IsoInstant;
}
type ExportResult =
  | "row_count"
  | "file_name"
  | "media_type"
  | "byte_count"
  | "digest"
  | "bytes"
  | "made_at"
  | "expires_at"
  | "erased_at"
  | "erased_by";
type JobStart = "progress" | "attempts" | "runner" | "leased_until" | "failure" | "finished_at";

// --- imports ----------------------------------------------------------------------------------------------------------------------
/** A spreadsheet taken over, one report a line: mapped, checked, accepted, written; or taken back. */
export interface ReportImportTable {
  id: string;
  state: "mapping" | "checking" | "checked" | "writing" | "done" | "removing" | "undone" | "abandoned";
  version: number;
  file_name: string;
  format: "xlsx" | "ods" | "csv";
  /** SHA-256 of the file, hexadecimal. */
  digest: string;
  byte_count: number;
  /** JSON of the sheets of the file: name and how many lines and columns hold something. */
  sheets: Json;
  /** Place of the chosen sheet among them, from 0. */
  sheet: number;
  /** The line of the sheet that names the columns. */
  header_line: number;
  /** JSON of the headings, in order. */
  headers: Json;
  /** JSON of what the columns hold (case data); forgotten with the file. */
  profile: Json | null;
  /** JSON of what each column means (server/imports/mapping.ts). */
  mapping: Json;
  /** JSON of how many lines have a problem of each kind, once checked. */
  found: Json | null;
  codebook_version: string;
  /** Lines under the headings. */
  line_count: number;
  ready_count: number;
  doubtful_count: number;
  refused_count: number;
  /** Lines that look like another report are taken all the same. */
  with_doubtful: Bit;
  /** Lines done of the work under way. */
  progress: number;
  /** Reports that the import brought. */
  written_count: number;
  /** The process that does the work, and until when it is believed to be alive. */
  worker: string | null;
  worker_until: IsoInstant | null;
  created_by: string;
  created_at: IsoInstant;
  accepted_by: string | null;
  accepted_at: IsoInstant | null;
  finished_at: IsoInstant | null;
  removed_by: string | null;
  removed_at: IsoInstant | null;
}
type ImportCount = "ready_count" | "doubtful_count" | "refused_count" | "with_doubtful" | "progress" | "written_count";
/** The file itself, until the import is done or given up. */
export interface ImportFileTable {
  import_id: string;
  bytes: Uint8Array;
}
export interface ImportLineTable {
  import_id: string;
  /** The line's number in its sheet. */
  line: number;
  /** JSON of its cells as text; forgotten with the file. */
  cells: Json | null;
  status: "ready" | "doubtful" | "refused" | null;
  /** JSON of what is wrong or doubtful; columns and kinds, never a value. */
  problems: Json | null;
  /** How the file itself calls the case. */
  own_reference: string | null;
  /** The report that the line became. */
  report_id: string | null;
}
/** What the columns of a kind of file mean, remembered under a name. */
export interface ImportMappingTable {
  name: string;
  /** JSON of the folded headings. */
  headers: Json;
  mapping: Json;
  saved_by: string;
  saved_at: IsoInstant;
}

/** A table some of whose columns the database fills when a row does not say. */
type Defaulted<Row, Names extends keyof Row> = Omit<Row, Names> & { [Name in Names]: Generated<Row[Name]> };

export interface Schema {
  account: AccountTable;
  account_role: AccountRoleTable;
  session: SessionTable;
  token: TokenTable;
  kept_act: KeptActTable;
  audit: AuditTable;
  codebook_version: CodebookVersionTable;
  codebook_section: CodebookSectionTable;
  codebook_factor: CodebookFactorTable;
  codebook_option: CodebookOptionTable;
  codebook_crosswalk: CodebookCrosswalkTable;
  codebook_carried_value: CodebookCarriedValueTable;
  codebook_draft: CodebookDraftTable;
  recode_task: RecodeTaskTable;
  recoded_value: RecodedValueTable;
  codebook_proposal: CodebookProposalTable;
  codebook_comment: CodebookCommentTable;
  report: Defaulted<ReportTable, "coding_mode" | "counted_layer" | "second_direction" | "import_id" | "held">;
  counter: CounterTable;
  report_author: ReportAuthorTable;
  report_event: ReportEventTable;
  assignment: AssignmentTable;
  assignment_draw: AssignmentDrawTable;
  person: PersonTable;
  document: DocumentTable;
  document_content: DocumentContentTable;
  staged_document: StagedDocumentTable;
  chronology_entry: Defaulted<ChronologyEntryTable, "uncertain" | "version">;
  finding_chronology: FindingChronologyTable;
  coding: CodingTable;
  coding_act: CodingActTable;
  passage: PassageTable;
  coding_passage: CodingPassageTable;
  suggestion_dismissal: SuggestionDismissalTable;
  adjudication: AdjudicationTable;
  double_coding: DoubleCodingTable;
  question: QuestionTable;
  question_post: QuestionPostTable;
  question_mention: QuestionMentionTable;
  reading_setting: ReadingSettingTable;
  hard_passage: HardPassageTable;
  finding: Defaulted<FindingTable, "second_review">;
  finding_factor: FindingFactorTable;
  finding_passage: FindingPassageTable;
  finding_decision: Defaulted<FindingDecisionTable, "category" | "checklist" | "evidence" | "changes">;
  finding_proposal: FindingProposalTable;
  finding_dissent: FindingDissentTable;
  recommendation: Defaulted<RecommendationTable, FollowUpColumn>;
  recommendation_finding: RecommendationFindingTable;
  recommendation_event: Defaulted<RecommendationEventTable, "link_id" | "detail">;
  recommendation_author: RecommendationAuthorTable;
  recommendation_addressee: RecommendationAddresseeTable;
  recommendation_cross_finding: RecommendationCrossFindingTable;
  recommendation_tie: RecommendationTieTable;
  addressee_contact: Defaulted<AddresseeContactTable, "language">;
  recommendation_dispatch: RecommendationDispatchTable;
  answer_link: AnswerLinkTable;
  mail_message: Defaulted<MailMessageTable, "attempts" | "runner" | "leased_until" | "sent_at" | "last_error">;
  answer_file: AnswerFileTable;
  recommendation_answer: RecommendationAnswerTable;
  answer_proof: AnswerProofTable;
  recommendation_assessment: RecommendationAssessmentTable;
  cross_finding: Defaulted<CrossFindingTable, CrossFindingColumn>;
  cross_finding_basis: CrossFindingBasisTable;
  cross_finding_author: CrossFindingAuthorTable;
  cross_finding_event: CrossFindingEventTable;
  cross_finding_text: CrossFindingTextTable;
  cross_finding_proposal: Defaulted<CrossFindingProposalTable, "decided_by" | "decided_at" | "outcome" | "outcome_reason">;
  cross_finding_dissent: Defaulted<CrossFindingDissentTable, "withdrawn_at">;
  good_practice: Defaulted<GoodPracticeTable, "changed_at" | "withdrawn_at">;
  quality_result: QualityResultTable;
  quality_count: QualityCountTable;
  edition: EditionTable;
  edition_value: EditionValueTable;
  edition_reverse_value: EditionReverseValueTable;
  edition_finding: EditionFindingTable;
  publication: PublicationTable;
  publication_event: PublicationEventTable;
  publication_file: PublicationFileTable;
  reference_source: ReferenceSourceTable;
  reference_figure: ReferenceFigureTable;
  export_log: ExportLogTable;
  job: Defaulted<JobTable, JobStart>;
  export: Defaulted<ExportTable, ExportResult>;
  export_layout: ExportLayoutTable;
  report_import: Defaulted<ReportImportTable, ImportCount>;
  import_file: ImportFileTable;
  import_line: ImportLineTable;
  import_mapping: ImportMappingTable;
}
