import type { Role } from "../../workflows/actor.ts";

/** One person a role, and two more analysts for blind double coding. All are fictional; they exist in demonstration mode only. */
export const DEMONSTRATION_ACCOUNTS: readonly { email: string; name: string; roles: readonly [Role] }[] = [
  { email: "correspondant@demo.invalid", name: "Dominique Correspondant", roles: ["correspondent"] },
  { email: "analyste@demo.invalid", name: "Camille Analyste", roles: ["analyst"] },
  { email: "analyste2@demo.invalid", name: "Claude Analyste", roles: ["analyst"] },
  { email: "analyste3@demo.invalid", name: "Sacha Analyste", roles: ["analyst"] },
  { email: "relecteur@demo.invalid", name: "Alix Relecteur", roles: ["reviewer"] },
  { email: "responsable@demo.invalid", name: "Maxime Responsable", roles: ["coordinator"] },
  { email: "admin@demo.invalid", name: "Charlie Administrateur", roles: ["administrator"] },
];

/** The one passphrase of all demonstration accounts, shown on the sign-in page in demonstration mode. */
export const DEMONSTRATION_PASSPHRASE = "retex-demonstration-2026";
