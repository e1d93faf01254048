import { hash, verify } from "@node-rs/argon2";

/** OWASP's second recommended setting is 19 MiB, t=2; ours is dearer. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const;

export const SHORTEST_PASSPHRASE = 15;
export const LONGEST_PASSPHRASE = 256;

/** argon2id, 64 MiB, three passes, in its standard text form. Nothing is cut; composed and decomposed accents are the same. */
export const hashPassphrase = (passphrase: string): Promise<string> => hash(passphrase.normalize("NFKC"), COST);

let inTheAir = 0;
const waiting: (() => void)[] = [];
/** At most two hashes at a time: sign-in attempts cannot take all memory and cores. */
async function oneOfTwo<Result>(work: () => Promise<Result>): Promise<Result> {
  if (inTheAir >= 2) await new Promise<void>((go) => waiting.push(go));
  inTheAir++;
  try {
    return await work();
  } finally {
    inTheAir--;
    waiting.shift()?.();
  }
}

let nobody: Promise<string> | undefined;
/** Whether the passphrase is the stored one. With no account the same work is done on a stand-in, so that time tells nothing. */
export const passphraseMatches = (stored: string | null, passphrase: string): Promise<boolean> =>
  oneOfTwo(async () => {
    nobody ??= hashPassphrase("no account has this passphrase");
    const matches = await verify(stored ?? (await nobody), passphrase.normalize("NFKC"));
    return stored !== null && matches;
  });

const COMMON = [
  "motdepasse",
  "password",
  "azertyuiop",
  "qwertyuiop",
  "123456789",
  "111111111",
  "abcdefghij",
  "jetaime",
  "bonjour",
  "soleil",
  "loulou",
  "doudou",
  "iloveyou",
  "letmein",
  "administrateur",
  "bienvenue",
  "marseille",
  "france",
  "welcome",
];
const folded = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");

/** Why a new passphrase cannot be taken; null when it can. No rule on digits or capitals: length and being hard to guess are what counts. */
export function passphraseProblem(
  passphrase: string,
  person: { email: string; name: string },
): "short" | "long" | "common" | "personal" | null {
  const length = [...passphrase].length;
  if (length < SHORTEST_PASSPHRASE) return "short";
  if (length > LONGEST_PASSPHRASE) return "long";
  const plain = folded(passphrase);
  const personal = [person.email.split("@")[0]!, ...person.name.split(/\s+/)].map(folded).filter((part) => part.length >= 4);
  if ([...personal, "miprof", "retex"].some((part) => plain.includes(part) && plain.replaceAll(part, "").length < SHORTEST_PASSPHRASE - 3))
    return "personal";
  const rest = COMMON.reduce((left, word) => left.replaceAll(word, ""), plain).replace(/(.)\1+/g, "$1");
  return rest.length < 6 ? "common" : null;
}
