/** One thing that waits, and what it belongs to. */
export type Item = { href: string; label: string; detail: string; high: boolean; due: string | null; late: boolean; why: string | null };
export type Group = {
  id: string;
  title: string;
  empty: string;
  items: Item[];
  /** How many there are, where only the first are listed. */
  total?: string;
  all: string | null;
  always?: boolean;
};

/** The first words of a text, on one line. */
export const opening = (text: string): string => {
  const line = text.replace(/\s+/gu, " ");
  return line.length > 110
    ? `${line
        .slice(0, 109)
        .replace(/\s\S*$/u, "")
        .replace(/[\s«“(,;:]+$/u, "")}…`
    : line;
};
