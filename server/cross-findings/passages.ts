import type { T } from "../http/words.ts";
import type { Covers } from "../wellbeing/veil.ts";
import type { Pair } from "./evidence.ts";
import type { PlacedPassage } from "./queries.ts";

export type PassageCard = Pick<PlacedPassage, "quote" | "before" | "after"> & {
  source: string;
  href: string;
  section: string;
  /** Its words are covered until the reader asks for them. */
  veiled: boolean;
};

/** Passages with their source in words and the way to each on the coding page. */
export const passageCards = (
  passages: readonly PlacedPassage[],
  { reportId, factor }: Pair,
  section: string | undefined,
  covers: Covers,
  t: T,
): PassageCard[] =>
  passages.map(({ id, document, fileName, page, quote, before, after }) => ({
    quote,
    before,
    after,
    source:
      page === null
        ? t("findings.passage.source", { document, name: fileName })
        : t("findings.passage.sourcePage", { document, name: fileName, page }),
    // The coding page opens on the first document unless it is told another.
    href: `/rapports/${reportId}/codage?${new URLSearchParams({
      facteur: factor,
      ...(document > 1 && { document: String(document) }),
    })}#passage-${id}`,
    section: section ?? "circumstances",
    veiled: covers([factor], id),
  }));
