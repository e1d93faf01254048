import type { Block, TextDocument } from "../../server/exchange/document.ts";

/** A letter of dispatch, fictional, one page long. */
export const sampleLetter = (changes: Partial<TextDocument> = {}): TextDocument => ({
  language: "fr",
  title: "Transmission d’une recommandation de l’observatoire",
  author: "Observatoire d’exemple des violences faites aux femmes",
  date: "2026-09-01",
  letter: {
    letterhead: ["Observatoire d’exemple des violences faites aux femmes", "Mission d’analyse", "1, rue de l’Exemple", "75000 Paris"],
    recipient: [
      "Direction d’exemple de la gendarmerie",
      "À l’attention du bureau des affaires judiciaires",
      "2, avenue Fictive",
      "92130 Issy",
    ],
    place: "Paris",
    particulars: [
      { term: "Nos références", detail: "REC-2026-0001" },
      { term: "Pièce jointe", detail: "texte de la recommandation" },
    ],
  },
  footer: "Observatoire d’exemple · données fictives",
  toc: false,
  blocks: [
    { kind: "paragraph", content: "Madame, Monsieur," },
    {
      kind: "paragraph",
      content:
        "L’observatoire vous adresse la recommandation ci-dessous, dont votre service est le destinataire principal. Elle repose sur l’analyse de plusieurs retours d’expérience ; aucun ne peut y être reconnu.",
    },
    {
      kind: "callout",
      title: "Recommandation REC-2026-0001",
      paragraphs: [
        "Évaluer le danger à chaque dépôt de plainte ou de main courante pour violences au sein du couple, et transmettre l’évaluation au parquet le jour même.",
      ],
    },
    {
      kind: "definitions",
      items: [
        { term: "Destinataire", detail: "Direction d’exemple de la gendarmerie" },
        { term: "Services associés", detail: "Parquets, intervenants sociaux en gendarmerie" },
        { term: "Échéance", detail: "31 décembre 2026" },
      ],
    },
    {
      kind: "paragraph",
      content: [
        { text: "Vous pouvez répondre jusqu’au " },
        { text: "30 octobre 2026", bold: true },
        { text: " à l’adresse " },
        { text: "https://retex.example/reponse/exemple", href: "https://retex.example/reponse/exemple" },
        { text: ", sans compte ni mot de passe. Ce lien vous est personnel : merci de ne pas le transmettre." },
      ],
    },
    { kind: "paragraph", content: "Je vous prie d’agréer, Madame, Monsieur, l’expression de ma considération distinguée." },
    { kind: "signature", lines: ["Camille Exemple", "Responsable de l’observatoire"] },
  ],
  ...changes,
});

const recommendation = (number: number): Block[] => [
  { kind: "heading", level: 2, content: `REC-2026-${String(number).padStart(4, "0")} – Évaluer le danger à chaque plainte` },
  {
    kind: "callout",
    paragraphs: ["Évaluer le danger à chaque dépôt de plainte pour violences au sein du couple, et transmettre l’évaluation le jour même."],
  },
  {
    kind: "definitions",
    items: [
      { term: "Destinataire", detail: "Direction d’exemple de la gendarmerie" },
      { term: "Échéance", detail: "31 décembre 2026" },
      { term: "Appréciation", detail: { paragraphs: ["Réponse acceptable.", "Mise en œuvre en cours : 2 unités sur 5."] } },
    ],
  },
  { kind: "heading", level: 3, content: "Fondements" },
  {
    kind: "list",
    ordered: false,
    items: [
      { content: [{ text: "Danger non évalué", bold: true }, { text: " : 7 cas sur 12 documentés ;" }] },
      {
        content: "Plaintes antérieures connues",
        list: { ordered: true, items: ["classées sans suite ;", "transmises, sans réponse au jour des faits."] },
      },
    ],
  },
];

/** A booklet with every kind of block. */
export const sampleBooklet = (changes: Partial<TextDocument> = {}): TextDocument => ({
  language: "fr",
  title: "Recueil des recommandations de l’observatoire, 2026",
  subtitle: "Groupées par destinataire, avec les réponses reçues et leur appréciation",
  author: "Observatoire d’exemple des violences faites aux femmes",
  date: "2026-11-25",
  footer: "Données fictives, pour démonstration",
  toc: true,
  blocks: [
    { kind: "heading", level: 1, content: "Avant-propos" },
    {
      kind: "paragraph",
      content: [
        { text: "Ce recueil réunit les recommandations émises dans l’année. Chaque " },
        { text: "appréciation", italic: true },
        { text: " est celle de l’observatoire ; elle ne se confond pas avec la réponse du destinataire : « oui » n’est pas « fait »." },
      ],
    },
    { kind: "quote", paragraphs: ["Ce qui est recommandé sans être suivi n’a pas été dit."], source: "Comité d’exemple, rapport de 2025" },
    {
      kind: "table",
      caption: "Recommandations par destinataire",
      columns: [
        { heading: "Destinataire" },
        { heading: "Émises", align: "right" },
        { heading: "Réponses reçues", align: "right" },
        { heading: "Part", align: "right" },
      ],
      rows: [
        ["Gendarmerie nationale", "12", "9", "75 %"],
        ["Police nationale", "10", "4", "40 %"],
        ["Parquets", "7", [{ text: "7", bold: true }], "100 %"],
      ],
      rowHeadings: true,
    },
    { kind: "paragraph", small: true, content: "Source : registre des recommandations, arrêté au 25 novembre 2026." },
    { kind: "page-break" },
    { kind: "heading", level: 1, content: "Gendarmerie nationale" },
    ...recommendation(1),
    ...recommendation(2),
    { kind: "heading", level: 1, content: "Police nationale" },
    ...recommendation(3),
    { kind: "heading", level: 4, content: "Suite donnée" },
    { kind: "paragraph", content: "Instruction diffusée.\nContrôle prévu en 2027." },
  ],
  ...changes,
});
