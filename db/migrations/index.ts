import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.ts";
import * as trunk from "./0001-trunk.ts";
import * as twoCoders from "./0002-two-coders.ts";
import * as chronology from "./0003-chronology.ts";
import * as codebookDrafts from "./0004-codebook-drafts.ts";
import * as questions from "./0005-questions.ts";
import * as imports from "./0006-imports.ts";
import * as keptActs from "./0007-kept-acts.ts";
import * as findingReview from "./0008-finding-review.ts";
import * as crossFindings from "./0009-cross-findings.ts";
import * as followUp from "./0010-follow-up.ts";
import * as jobsAndExports from "./0011-exports.ts";
import * as quality from "./0012-quality.ts";
import * as mail from "./0013-mail.ts";

/** Every migration, in order. Names are stored in the database: never rename one. */
export const MIGRATIONS: readonly { name: string; up: (db: Kysely<unknown>, dialect: Dialect) => Promise<void> }[] = [
  { name: "0001-trunk", up: trunk.up },
  { name: "0002-two-coders", up: twoCoders.up },
  { name: "0003-chronology", up: chronology.up },
  { name: "0004-codebook-drafts", up: codebookDrafts.up },
  { name: "0005-questions", up: questions.up },
  { name: "0006-imports", up: imports.up },
  { name: "0007-kept-acts", up: keptActs.up },
  { name: "0008-finding-review", up: findingReview.up },
  { name: "0009-cross-findings", up: crossFindings.up },
  { name: "0010-follow-up", up: followUp.up },
  { name: "0011-exports", up: jobsAndExports.up },
  { name: "0012-quality", up: quality.up },
  { name: "0013-mail", up: mail.up },
];

/** The schema this version of the program works on. */
export const SCHEMA_NAME = MIGRATIONS[MIGRATIONS.length - 1]!.name;
