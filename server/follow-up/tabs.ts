import { type Ability, may } from "../../workflows/abilities.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { T } from "../http/words.ts";

const TABS = [
  { name: "register", href: "/recommandations", ability: "readFigures" },
  { name: "followUp", href: "/recommandations/suivi", ability: "readFigures" },
  { name: "contacts", href: "/recommandations/destinataires", ability: "writeToAddressees" },
  { name: "reminders", href: "/recommandations/relances", ability: "writeToAddressees" },
  { name: "exports", href: "/exports", ability: "exportRecommendations" },
] as const satisfies readonly {
  name: string;
  href: string;
  ability: Ability;
}[];
export type FollowUpTab = (typeof TABS)[number]["name"];

/** The pages around the register that this person may open; drawn by views/recommendations/tabs.ejs from `m.tabs`. */
export const followUpTabs = (here: FollowUpTab | null, by: Pick<Actor, "roles">, t: T) =>
  TABS.filter(({ ability }) => may(by, ability)).map(({ name, href }) => ({
    href,
    label: t(`recommendations.tabs.${name}`),
    current: name === here,
  }));
