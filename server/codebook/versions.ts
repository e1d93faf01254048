/** "1.10.0-essai.2" → its three numbers and the parts of its suffix; null when it is not a version number. */
function read(version: string): { numbers: number[]; suffix: string[] | null } | null {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/.exec(version);
  return match && { numbers: match.slice(1, 4).map(Number), suffix: match[4]?.split(".") ?? null };
}

/** Whether a text is a version number: three numbers, with or without a suffix. */
export const isVersion = (text: string): boolean => read(text) !== null;

/** Order of two version numbers as Semantic Versioning has it: negative when `a` comes before `b`. A text that is none comes first. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [read(a), read(b)];
  if (!one || !other) return Number(one !== null) - Number(other !== null);
  for (const [at, number] of one.numbers.entries()) if (number !== other.numbers[at]) return number - other.numbers[at]!;
  // A suffix announces the version: 2.0.0-essai comes before 2.0.0.
  if (!one.suffix || !other.suffix) return Number(one.suffix === null) - Number(other.suffix === null);
  for (let at = 0; at < Math.max(one.suffix.length, other.suffix.length); at++) {
    const [x, y] = [one.suffix[at], other.suffix[at]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [left, right] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (left && right) return Number(x) - Number(y);
    if (left !== right) return left ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** The next number after a version, by what the change is: a correction of words, something added, or something that must be coded again. */
export function nextVersion(version: string, change: "patch" | "minor" | "major"): string {
  const [major, minor, patch] = read(version)?.numbers ?? [0, 0, 0];
  if (change === "major") return `${major! + 1}.0.0`;
  return change === "minor" ? `${major}.${minor! + 1}.0` : `${major}.${minor}.${patch! + 1}`;
}
