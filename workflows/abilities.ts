import type { Actor, Role } from "./actor.ts";

/** What a role may do where no machine judges: reading, depositing, exporting, administering. */
const abilities = {
  useTheTool: ["correspondent", "analyst", "reviewer", "coordinator", "administrator"],
  depositReports: ["correspondent", "analyst", "coordinator"],
  registerReports: ["analyst", "coordinator"],
  assignReports: ["coordinator"],
  importReports: ["coordinator"],
  readOwnDeposits: ["correspondent"],
  /** Whatever of a report is open to those who read cases or their own deposits. */
  followReports: ["correspondent", "analyst", "reviewer", "coordinator"],
  readCases: ["analyst", "reviewer", "coordinator"],
  readFigures: ["analyst", "reviewer", "coordinator"],
  readCodebook: ["analyst", "reviewer", "coordinator", "administrator"],
  exportRecommendations: ["coordinator"],
  /** Whom to write to, personal links, letters, mails and reminders. */
  writeToAddressees: ["coordinator"],
  composePublications: ["coordinator"],
  readDraftPublications: ["reviewer", "coordinator"],
  administer: ["administrator"],
} as const satisfies Record<string, readonly Role[]>;
export type Ability = keyof typeof abilities;

/** Roles that have an ability. */
export const rolesWith = (ability: Ability): readonly Role[] => abilities[ability];

/** Whether this person may, by any of the roles held. */
export const may = (by: Pick<Actor, "roles">, ability: Ability): boolean => by.roles.some((role) => rolesWith(ability).includes(role));
