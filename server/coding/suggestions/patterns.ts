/** Ways of writing that speak of a value without a word of the codebook: « 34 ans », « le 9 février 2022 », « trois jours avant ». */
export const PATTERNS = [
  "date",
  "hour",
  "age",
  "duration",
  "children",
  "count",
  "department",
  "court",
  "person",
  "speech",
  "money",
  "denial",
  "service",
] as const;
export type PatternName = (typeof PATTERNS)[number];

const MONTH =
  "(?:janv(?:ier|\\.)|f[ée]vr(?:ier|\\.)|mars|avr(?:il|\\.)|mai|juin|juil(?:let|\\.)|ao[ûu]t|sept(?:embre|\\.)|oct(?:obre|\\.)|nov(?:embre|\\.)|d[ée]c(?:embre|\\.))";
const NUMBER =
  "(?:\\p{Nd}+|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|cent|quelques|plusieurs)";
const UNIT = "(?:heures?|jours?|semaines?|mois|ans?|années?)";

const EXPRESSIONS: Record<Exclude<PatternName, "department">, RegExp> = {
  date: new RegExp(
    `\\p{Nd}{1,2}(?:er)?\\s${MONTH}\\s\\p{Nd}{4}|\\p{Nd}{1,2}[/.]\\p{Nd}{1,2}[/.](?:\\p{Nd}{4}|\\p{Nd}{2})(?!\\p{Nd})|\\p{Nd}{4}-\\p{Nd}{2}-\\p{Nd}{2}`,
    "iu",
  ),
  hour: /(?<!\p{Nd})\p{Nd}{1,2}\s?(?:h|heures?)(?:\s?\p{Nd}{2})?(?!\p{L})/iu,
  age: new RegExp(
    `(?<![\\p{L}\\p{Nd}])(?:âgée?s?\\sde\\s${NUMBER}[\\s-]|(?:1[4-9]|[2-9]\\p{Nd}|10\\p{Nd})\\sans(?!\\p{L})(?!\\s(?:de|d[’'])\\s?(?:vie|mariage|prison|réclusion|emprisonnement|sursis))|née?\\s(?:en|le)\\s|${NUMBER}[\\s-](?:et[\\s-])?\\p{L}*\\s?ans(?=,)|\\p{L}+génaires?)`,
    "iu",
  ),
  duration: new RegExp(
    `(?<!\\p{L})${NUMBER}\\s${UNIT}\\s(?:avant|plus\\stôt|auparavant|après|plus\\stard|seulement)|(?:depuis|il\\sy\\sa|dans\\sles|pendant)\\s(?:environ\\s|moins\\sde\\s|près\\sde\\s|plus\\sde\\s)?${NUMBER}\\s${UNIT}|la\\sveille|le\\slendemain|l[’']avant-veille|le\\sjour\\smême|(?<!\\p{L})J\\s?[-–−]\\s?\\p{Nd}+`,
    "iu",
  ),
  children: new RegExp(
    `(?<!\\p{L})(?:${NUMBER}|aucune?|pas\\sd[e’']|sans|leurs?|les|des)\\s(?:\\p{L}+\\s)?(?:enfants?|mineurs?|filles?|fils|bébés?|nourrissons?)`,
    "iu",
  ),
  count: new RegExp(`(?<![\\p{L}\\p{Nd}])${NUMBER}\\s(?:\\p{L}+\\s)?(?:fois|interventions?|appels?|reprises|déplacements?)`, "iu"),
  court:
    /tribunal\s(?:judiciaire|de\s(?:grande|première)\sinstance)|cour\sd[’']appel|(?<!\p{L})(?:TJ|TGI|CA)\s(?:de|d[’'])|parquet\s(?:général|de|d[’'])|ressort/iu,
  person: /(?<!\p{L})(?:madame|monsieur|mademoiselle|mme|mlle|m\.)\s\p{Lu}/iu,
  speech: /«[^»]{4,}»|“[^”]{4,}”|"[^"]{4,}"/u,
  denial:
    /(?<!\p{L})n(?:e\s|[’'])[^.;:]{0,40}?(?<!\p{L})(?:pas|jamais|aucune?|plus|ni|guère|qu[’'e])(?!\p{L})|(?<!\p{L})(?:sans\s(?:qu[e’']|avoir|être)|faute\sde|défaut\sde|absence\sd[e’']|aucune?|ni)(?!\p{L})/iu,
  service:
    /(?<!\p{L})(?:parquet|procureure?|juges?|JAF|JAP|SPIP|CPIP|CRIP|ASE|PMI|commissariats?|polic(?:e|iers?)|gendarm(?:erie|es?)|brigades?|unité|enquêteurs?|hôpital|urgences|médecins?|services?|associations?|conseillère?s?|préfecture|mairie|école|collège|lycée|département|greffe|maison\sd[’']arrêt|assistante?s?\ssociale?s?)(?!\p{L})/iu,
  money: /\p{Nd}\s?(?:€|euros?|EUR)(?!\p{L})/iu,
};

/** The words of a passage that make each pattern, as they stand there; a pattern that is not there has no entry. */
export function patternsIn(text: string, departments: RegExp | null): Map<PatternName, string> {
  const found = new Map<PatternName, string>();
  for (const name of PATTERNS) {
    const expression = name === "department" ? departments : EXPRESSIONS[name];
    const match = expression?.exec(text)?.[0].trim();
    if (match) found.set(name, match);
  }
  return found;
}

/** An expression that finds the names of départements, and their numbers in brackets. */
export function departmentNames(names: readonly string[]): RegExp {
  const written = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/[’']/g, "[’']"));
  return new RegExp(`(?<!\\p{L})(?:${written.join("|")})(?![\\p{L}-])|\\((?:\\p{Nd}{2,3}|2[AB])\\)`, "u");
}
