import { barChart, lineChart, stackedBarChart } from "../../server/exchange/charts.ts";
import type { LetterDocument } from "../../server/publications/letter-document.ts";

/** A whole letter, with one block of every kind and enough of each to reach several pages. All of it is fictional. */
export function sampleLetter(changes: Partial<LetterDocument> = {}): LetterDocument {
  const factors = [
    { label: "Séparation annoncée ou en cours", present: 31, absent: 19, notDocumented: 8 },
    { label: "Contrôle coercitif : surveillance, isolement, privation de ressources", present: 25, absent: 21, notDocumented: 12 },
    { label: "Menaces de mort antérieures", present: 18, absent: 27, notDocumented: 13 },
    { label: "Violences physiques antérieures connues d’un service", present: 22, absent: 14, notDocumented: 22 },
    { label: "Étranglement lors de violences antérieures", present: null, absent: null, notDocumented: 40 },
    { label: "Arme à feu détenue", present: 6, absent: 42, notDocumented: 10 },
  ];
  const percent = (part: number, whole: number) => `${((part / whole) * 100).toFixed(1).replace(".", ",")} %`;
  const factorTable = {
    caption: "Facteurs relevés dans les retours d’expérience, actes de 2025",
    columns: [
      { label: "Facteur", numeric: false },
      { label: "Présent", numeric: true },
      { label: "Absent", numeric: true },
      { label: "Non documenté", numeric: true },
      { label: "Part des affaires documentées", numeric: true },
      { label: "Part de toutes les affaires", numeric: true },
    ],
    rows: factors.map(({ label, present, absent, notDocumented }) =>
      present === null
        ? [label, "s", "s", String(notDocumented), "s", "s"]
        : [label, String(present), String(absent), String(notDocumented), percent(present, present + absent), percent(present, 58)],
    ),
    note: "s : donnée couverte par le secret statistique (effectif de 1 à 4, ou effectif qui permettrait de le retrouver).",
    source: "Source : observatoire national, 58 retours d’expérience reçus pour 118 actes connus (couverture de 49,2 %).",
  };
  const years = [2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023];
  const women = [148, 121, 134, 129, 122, 138, 102, 121, 122, 118, 96, 120];
  const men = [26, 25, 31, 22, 29, 16, 28, 27, 23, 21, 27, 23];
  return {
    language: "fr",
    title: "Lettre de l’observatoire : ce que les retours d’expérience nous apprennent",
    subtitle: "Homicides conjugaux de l’année 2025 : constats, bonnes pratiques et recommandations",
    issuer: "Observatoire national des violences faites aux femmes",
    dateLine: "25 novembre 2026",
    fictional: "Lettre d’exemple : toutes les affaires et tous les chiffres sont fictifs.",
    contents: "Sommaire",
    blocks: [
      {
        kind: "text",
        heading: "Avant-propos",
        markdown: `Derrière chaque chiffre de cette lettre, il y a une personne, une famille, des proches. Les retours d'expérience ne jugent pas : ils cherchent **ce qui aurait pu être vu**, par qui, et à quel moment.

Cette année, 58 rapports ont été reçus pour 118 actes connus. Un rapport n'est pas chaque acte : la couverture est donnée avec chaque tableau. Un facteur qui n'est pas mentionné n'est *jamais* compté comme absent.

### Ce qui change cette année

- Les signes connus d'un service **avant** l'acte sont séparés de ceux découverts après ;
- chaque pourcentage est donné avec ses deux dénominateurs ;
- les recommandations de l'année précédente sont suivies, voir [le registre public](https://observatoire.example.org/recommandations).

> « Ce que nous savions tous, chacun séparément, aucun de nous ne l'a su en entier. »`,
      },
      {
        kind: "key-figures",
        heading: "Chiffres clés",
        figures: [
          { value: "118", label: "actes connus en 2025", detail: "dont 58 avec un retour d’expérience (49,2 %)" },
          { value: "62 %", label: "séparation annoncée ou en cours", detail: "31 affaires sur 50 documentées ; 53,4 % des 58 affaires" },
          { value: "22", label: "violences antérieures connues d’un service", detail: "61,1 % des 36 affaires documentées" },
          { value: "71", label: "enfants co-victimes", detail: "dans 39 affaires sur 58" },
          { value: "14", label: "ordonnances de protection demandées", detail: "sur 52 affaires documentées" },
          { value: "9", label: "bonnes pratiques validées", detail: "dans 8 affaires" },
        ],
      },
      { kind: "table", heading: "Facteurs relevés", table: factorTable },
      {
        kind: "chart",
        heading: "Ce qui est présent, absent, non documenté",
        description: "Barres empilées : pour six facteurs, nombre d’affaires où le facteur est présent, absent ou non documenté, sur 58.",
        svg: stackedBarChart({
          title: "Ce qui est présent, absent, non documenté",
          description: "Pour six facteurs, nombre d’affaires où le facteur est présent, absent ou non documenté, sur 58.",
          language: "fr",
          unit: "Nombre d’affaires, sur 58 retours d’expérience",
          rows: factors.map((factor) => ({ ...factor, total: 58 })),
        }),
        table: { ...factorTable, caption: "Données du graphique : facteurs" },
      },
      {
        kind: "chart",
        heading: "Facteurs les plus fréquents",
        description: "Barres : part des affaires documentées où le facteur est présent, de 62 % à 12,5 %.",
        svg: barChart({
          title: "Facteurs les plus fréquents",
          description: "Part des affaires documentées où le facteur est présent.",
          language: "fr",
          unit: "En % des affaires où l’information est documentée",
          max: 100,
          bars: factors.map(({ label, present, absent }) =>
            present === null
              ? { label, value: null, valueLabel: "" }
              : {
                  label,
                  value: (present / (present + absent)) * 100,
                  valueLabel: `${percent(present, present + absent)} (${present} sur ${present + absent})`,
                },
          ),
        }),
        table: {
          caption: "Données du graphique : parts",
          columns: [
            { label: "Facteur", numeric: false },
            { label: "Part des affaires documentées", numeric: true },
          ],
          rows: factors.map(({ label, present, absent }) => [label, present === null ? "s" : percent(present, present + absent)]),
          note: null,
          source: null,
        },
      },
      {
        kind: "chart",
        heading: "Séries publiées",
        description: "Lignes : nombre de femmes et d’hommes tués par an de 2012 à 2023, avec une rupture de série en 2017.",
        svg: lineChart({
          title: "Séries publiées",
          description: "Nombre de victimes par an de 2012 à 2023, rupture de série en 2017.",
          language: "fr",
          unit: "Nombre de victimes par an",
          series: [
            { label: "Femmes tuées par leur conjoint ou ex-conjoint", points: years.map((x, i) => ({ x, y: women[i]! })), breaks: [2017] },
            { label: "Hommes tués par leur conjointe ou ex-conjointe", points: years.map((x, i) => ({ x, y: men[i]! })), breaks: [2017] },
          ],
        }),
        table: {
          caption: "Données du graphique : victimes par an",
          columns: [
            { label: "Année", numeric: false },
            { label: "Femmes", numeric: true },
            { label: "Hommes", numeric: true },
          ],
          rows: years.map((year, i) => [String(year), String(women[i]), String(men[i])]),
          note: "Rupture de série en 2017 : le champ passe des couples officiels à l’ensemble des couples.",
          source: "Source : chiffres d’exemple.",
        },
      },
      {
        kind: "good-practices",
        heading: "Bonnes pratiques",
        items: [
          {
            text: "Un intervenant social présent au commissariat a rappelé la victime dans les deux jours suivant chaque main courante, ce qui a permis une mise à l’abri.",
            context: "Constat dans 3 affaires ; commissariats de trois départements.",
          },
          {
            text: "La juridiction tient une réunion hebdomadaire du pôle VIF où le juge aux affaires familiales partage les audiences à venir.",
            context: "Constat dans 2 affaires.",
          },
        ],
        empty: "Aucune bonne pratique validée cette année.",
      },
      {
        kind: "recommendations",
        heading: "Recommandations",
        items: Array.from({ length: 6 }, (_, index) => ({
          reference: `REC-2026-000${index + 1}`,
          text: "Transmettre sans délai au parquet toute main courante qui mentionne des violences au sein du couple, avec la grille d’évaluation du danger renseignée, et informer la victime de la suite donnée.",
          addressee: "Direction générale de la police nationale ; direction générale de la gendarmerie nationale",
          details: "Niveau national · repérage et signalement · échéance : juin 2027 · en attente de réponse",
        })),
        empty: "Aucune recommandation publiée cette année.",
      },
      {
        kind: "note",
        heading: "Méthode et sources",
        markdown: `Les rapports sont codés avec la grille 1.0.0 (110 facteurs). Chaque valeur « présent » repose sur au moins un passage du rapport.

1. Un facteur est *présent*, *absent* (un passage le dit) ou *non documenté*.
2. Les pourcentages portent sur les affaires documentées et sur toutes les affaires.
3. Les effectifs de 1 à 4 ne sont pas publiés.`,
      },
    ],
    ...changes,
  };
}
