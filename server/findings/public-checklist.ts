/**
 * What a reviewer looks for, one by one, before a text goes out to readers who must not be able to recognise a case:
 * a date, a place below the region, an age, a rare trait, words quoted from the file. One list for every text of the house.
 */
export const PUBLIC_CHECKS = ["date", "place", "age", "trait", "quote"] as const;
export type PublicCheck = (typeof PUBLIC_CHECKS)[number];
