import { REVERSE } from "../../codebook/definition.ts";
import { existedAt, NOT_AVAILABLE, UNKNOWN } from "../../coding/values.ts";
import { allAre, documented, holding, numberOf, type Place, placeOf, type QualityRule, saysPresent } from "./case.ts";

/** Violence that history_direction "none" leaves no room for. */
const VIOLENCE = [
  "physical_violence",
  "psychological_violence",
  "sexual_violence",
  "economic_violence",
  "strangulation_history",
  "violence_during_pregnancy",
  "sequestration",
];
/** What cannot be where no minor lives in the household or is shared. */
const OF_CHILDREN = ["children_prior_harm", "custody_access_dispute"];
const RESPONSE = "response_failings";
/** Factors whose definition says that the perpetrator's word alone does not found them. */
const NOT_BY_THEIR_WORD = ["trigger_context", "prior_violence_direction", "escalation", "obsessive_jealousy"];
const MOST_SILENCE = 0.6;
const YEARS = "years";

const placesOf = (values: readonly { factor: string; subject: string }[]): { place: Place }[] =>
  values.map((one) => ({ place: placeOf(one) }));

/** Answers that cannot stand together, and values that the law, the calendar or the codebook's own words rule out. */
export const CODING_RULES = [
  {
    // What became of a complaint supposes that something was filed or reported.
    code: "outcome_without_complaint",
    severity: "warning",
    about: "coding",
    factors: ["complaint_outcome", "complaint_filed", "main_courante_pvrj"],
    check: (file) =>
      allAre(file, "complaint_filed", "absent") && allAre(file, "main_courante_pvrj", "absent")
        ? placesOf(documented(file, "complaint_outcome").filter(({ value }) => value !== "none"))
        : [],
  },
  {
    // A conviction for violence on the victim also stands in the perpetrator's record, once final.
    code: "conviction_missing",
    severity: "warning",
    about: "coding",
    factors: ["complaint_outcome", "perpetrator_prior_ipv_conviction"],
    check: (file) =>
      holding(file, "complaint_outcome", "conviction").length > 0 && allAre(file, "perpetrator_prior_ipv_conviction", "none")
        ? placesOf(documented(file, "perpetrator_prior_ipv_conviction"))
        : [],
  },
  {
    // Days since a separation suppose one; a separation within the year was announced at the latest when it happened.
    code: "separation_contradicts",
    severity: "blocking",
    about: "coding",
    factors: ["separation_announced", "relationship_status", "days_since_separation"],
    check: (file) => {
      const days = numberOf(file, "days_since_separation");
      const status = documented(file, "relationship_status")[0]?.value;
      const denied = allAre(file, "separation_announced", "absent");
      const wrong = (days !== null && status === "ongoing") || (denied && (status === "separating" || (days !== null && days <= 365)));
      if (!wrong) return [];
      return placesOf(documented(file, denied ? "separation_announced" : "days_since_separation"));
    },
  },
  {
    // A home shared on the day of the act is cohabitation, in whatever law.
    code: "shared_home_without_cohabitation",
    severity: "warning",
    about: "coding",
    factors: ["place_of_act", "cohabitation"],
    check: (file) => (holding(file, "place_of_act", "shared_home").length > 0 ? placesOf(holding(file, "cohabitation", "absent")) : []),
  },
  {
    // With no minor in the household nor shared, nothing can be said of minors.
    code: "children_contradict",
    severity: "blocking",
    about: "coding",
    factors: ["children_in_household"],
    check: (file) => {
      if (numberOf(file, "children_in_household") !== 0) return [];
      return [
        ...OF_CHILDREN.flatMap((factor) => holding(file, factor, "present")),
        ...documented(file, "children_orphaned").filter(({ value }) => Number(value) > 0),
        ...documented(file, "child_protection_followup").filter(({ value }) => value !== "none"),
      ].map((one) => ({ place: placeOf(one), params: { factor: { factor: one.factor } } }));
    },
  },
  {
    // A child is orphaned by a death.
    code: "orphans_of_the_living",
    severity: "blocking",
    about: "coding",
    factors: ["children_orphaned", "act_outcome", "perpetrator_suicide"],
    check: (file) => {
      const survived = holding(file, "act_outcome", "attempted_homicide", "forced_suicide_attempt").length > 0;
      const perpetratorLives = holding(file, "perpetrator_suicide", "completed").length === 0;
      return survived && perpetratorLives ? placesOf(documented(file, "children_orphaned").filter(({ value }) => Number(value) > 0)) : [];
    },
  },
  {
    // The offence is provisional, but an attempt is not a death.
    code: "offence_contradicts_outcome",
    severity: "warning",
    about: "coding",
    factors: ["act_outcome", "legal_qualification"],
    check: (file) => {
      const outcome = documented(file, "act_outcome")[0]?.value;
      const wrong =
        outcome === "homicide"
          ? holding(file, "legal_qualification", "attempt", "harassment_suicide")
          : outcome === "attempted_homicide"
            ? holding(file, "legal_qualification", "fatal_violence", "murder", "murder_aggravated", "harassment_suicide")
            : [];
      return wrong.map((one) => ({ place: placeOf(one), params: { offence: { value: one.value, of: "legal_qualification" } } }));
    },
  },
  {
    // The death of the perpetrator ends the prosecution: nobody was tried.
    code: "dead_perpetrator_judged",
    severity: "blocking",
    about: "coding",
    factors: ["perpetrator_suicide", "judicial_outcome"],
    check: (file) =>
      allAre(file, "perpetrator_suicide", "completed")
        ? holding(file, "judicial_outcome", "convicted", "acquitted", "appeal").map((one) => ({
            place: placeOf(one),
            params: { outcome: { value: one.value, of: "judicial_outcome" } },
          }))
        : [],
  },
  {
    // A weapon that was used was within reach: the definition counts the one bought for the act.
    code: "firearm_without_access",
    severity: "blocking",
    about: "coding",
    factors: ["means_used", "perpetrator_firearm_access"],
    check: (file) =>
      holding(file, "means_used", "firearm").length > 0 && allAre(file, "perpetrator_firearm_access", "absent")
        ? placesOf(documented(file, "perpetrator_firearm_access"))
        : [],
  },
  {
    // The definition of premeditation holds whenever the offence is premeditated murder.
    code: "premeditation_contradicts",
    severity: "blocking",
    about: "coding",
    factors: ["legal_qualification", "premeditation"],
    check: (file) =>
      holding(file, "legal_qualification", "assassinat").length > 0 ? placesOf(holding(file, "premeditation", "absent")) : [],
  },
  {
    // "No prior violence" and a kind of violence that was there.
    code: "violence_contradicts_direction",
    severity: "blocking",
    about: "coding",
    factors: ["prior_violence_direction"],
    check: (file) =>
      holding(file, "prior_violence_direction", "none").length > 0
        ? VIOLENCE.flatMap((factor) => holding(file, factor, "present")).map((one) => ({
            place: placeOf(one),
            params: { factor: { factor: one.factor } },
          }))
        : [],
  },
  {
    // Strangling is physical violence.
    code: "strangulation_without_violence",
    severity: "blocking",
    about: "coding",
    factors: ["strangulation_history", "physical_violence"],
    check: (file) =>
      holding(file, "strangulation_history", "present").length > 0 ? placesOf(holding(file, "physical_violence", "absent")) : [],
  },
  {
    // A breach that met no reaction is a breach.
    code: "breach_contradicts",
    severity: "blocking",
    about: "coding",
    factors: ["breach_not_sanctioned", "perpetrator_breach_of_orders"],
    check: (file) =>
      holding(file, "breach_not_sanctioned", "present").length > 0 && allAre(file, "perpetrator_breach_of_orders", "absent")
        ? placesOf(documented(file, "perpetrator_breach_of_orders"))
        : [],
  },
  {
    // What did not exist was neither refused nor left unasked. Also catches values kept when the date of the act was corrected.
    code: "measure_before_law",
    severity: "blocking",
    about: "coding",
    check: (file) =>
      file.codebook.factors
        .filter((factor) => factor.type === "category" && factor.availableFrom && !existedAt(factor, file.sheet.actDate))
        .flatMap(({ code, availableFrom }) =>
          documented(file, code)
            .filter(({ value }) => value !== NOT_AVAILABLE)
            .map((one) => ({
              place: placeOf(one),
              params: { factor: { factor: code }, from: { month: availableFrom! }, act: { day: file.sheet.actDate } },
            })),
        ),
  },
  {
    // The other way round: the measure existed, and whether it was asked for is the question.
    code: "law_existed",
    severity: "blocking",
    about: "coding",
    check: (file) =>
      file.codebook.factors
        .filter((factor) => factor.availableFrom && existedAt(factor, file.sheet.actDate))
        .flatMap(({ code, availableFrom }) =>
          holding(file, code, NOT_AVAILABLE).map((one) => ({
            place: placeOf(one),
            params: { factor: { factor: code }, from: { month: availableFrom! }, act: { day: file.sheet.actDate } },
          })),
        ),
  },
  {
    // A typing slip moves a person to another age group.
    code: "age_implausible",
    severity: "warning",
    about: "coding",
    check: (file) =>
      file.codebook.factors
        .filter(
          ({ type, unit, appliesTo }) => type === "number" && unit === YEARS && (appliesTo === "victim" || appliesTo === "perpetrator"),
        )
        .flatMap(({ code }) =>
          documented(file, code)
            .filter(({ value }) => Number(value) < 14 || Number(value) > 105)
            .map((one) => ({ place: placeOf(one), params: { factor: { factor: code }, age: Number(one.value) } })),
        ),
  },
  {
    // A child of the case is younger than at least one of its adults.
    code: "child_older_than_adults",
    severity: "blocking",
    about: "coding",
    check: (file) => {
      const ages = (...kinds: string[]) =>
        file.codebook.factors
          .filter(({ type, unit, appliesTo }) => type === "number" && unit === YEARS && kinds.includes(appliesTo))
          .flatMap(({ code }) => documented(file, code));
      const adults = ages("victim", "perpetrator").map(({ value }) => Number(value));
      if (adults.length === 0) return [];
      const oldest = Math.max(...adults);
      return ages("child")
        .filter(({ value }) => Number(value) >= oldest)
        .map((one) => ({ place: placeOf(one), params: { age: Number(one.value), oldest } }));
    },
  },
  {
    // The codebook asks who knew, and when, of everything it calls a failing: it tells a missed signal from a discovery.
    code: "response_without_known_when",
    severity: "warning",
    about: "coding",
    check: (file) =>
      file.codebook.factors
        .filter(({ section, type, code }) => section === RESPONSE && type === "presence" && code !== "good_practice")
        .flatMap(({ code }) =>
          holding(file, code, "present")
            .filter(({ knownWhen }) => knownWhen === null || knownWhen === UNKNOWN)
            .map((one) => ({ place: placeOf(one), params: { factor: { factor: code } } })),
        ),
  },
  {
    // Definitions of these factors ask for more than what the perpetrator says.
    code: "perpetrator_word_excluded",
    severity: "warning",
    about: "coding",
    check: (file) =>
      NOT_BY_THEIR_WORD.flatMap((factor) =>
        documented(file, factor)
          .filter(({ basis, value }) => basis === "perpetrator" && value !== "none" && value !== "absent")
          .map((one) => ({ place: placeOf(one), params: { factor: { factor } } })),
      ),
  },
  {
    // A report that says so little weighs on every "not documented": it may lack a document, or a second reading.
    code: "mostly_undocumented",
    severity: "warning",
    about: "coding",
    once: "coded",
    check: ({ values }) => {
      const own = values.filter(({ subject }) => subject !== REVERSE);
      const silent = own.filter(({ value }) => value === UNKNOWN);
      return own.length > 0 && silent.length / own.length > MOST_SILENCE
        ? [{ place: placeOf(silent[0]!), params: { silent: silent.length, asked: own.length } }]
        : [];
    },
  },
  {
    // What a spreadsheet or an earlier codebook said was never seen beside the document by anybody here.
    code: "values_unconfirmed",
    severity: "warning",
    about: "coding",
    check: ({ values }) => {
      const taken = values.filter(({ origin, value }) => origin !== null && value !== UNKNOWN);
      return taken.length > 0 ? [{ place: placeOf(taken[0]!), params: { count: taken.length } }] : [];
    },
  },
  {
    // Violence went both ways, or the other way: the second direction has a coding of its own.
    code: "second_direction_missing",
    severity: "warning",
    about: "coding",
    factors: ["prior_violence_direction"],
    check: (file) => (file.sheet.secondDirection ? [] : placesOf(holding(file, "prior_violence_direction", "both", "victim_to_perp"))),
  },
  {
    // It was asked for, and nothing was found: either the direction or the coding is to be looked at again.
    code: "second_direction_empty",
    severity: "warning",
    about: "coding",
    once: "coded",
    check: ({ sheet, values }) => {
      const reverse = values.filter(({ subject }) => subject === REVERSE);
      return sheet.secondDirection && reverse.every(({ value }) => value === UNKNOWN)
        ? [{ place: reverse[0] ? placeOf(reverse[0]) : { on: "sheet" } }]
        : [];
    },
  },
] as const satisfies readonly QualityRule[];

/** Present risk factors, each with the value that says so. */
export const presentRisks = (file: Parameters<QualityRule["check"]>[0]) =>
  file.codebook.factors
    .filter(({ riskFactor }) => riskFactor)
    .flatMap((factor) => documented(file, factor.code).filter(({ value }) => saysPresent(factor, value)));
/** Present failings of the response of institutions. */
export const presentResponse = (file: Parameters<QualityRule["check"]>[0]) =>
  file.codebook.factors
    .filter(({ section, type }) => section === RESPONSE && type === "presence")
    .flatMap(({ code }) => holding(file, code, "present"));
