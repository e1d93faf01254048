/** A role somebody may hold; several can be held at once. The database holds the same list as a check. */
export const ROLES = ["correspondent", "analyst", "reviewer", "coordinator", "administrator"] as const;
export type Role = (typeof ROLES)[number];

/** Whoever causes an event: an account and the roles it holds at that moment. */
export type Actor = { id: string; roles: readonly Role[] };

export const holds = (by: Actor, role: Role): boolean => by.roles.includes(role);
