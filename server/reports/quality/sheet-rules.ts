import { departmentLabel } from "../places.ts";
import { documented, holding, placeOf, type QualityRule, SHEET } from "./case.ts";

const SETTLED = ["judged", "final"];
const IN_HAND = ["preliminary_investigation", "judicial_investigation"];

/** What the sheet says, and whether the coding says the same. */
export const SHEET_RULES = [
  {
    // A report is written after the act: one of the two dates is wrong, and every "days before the act" with it.
    code: "received_before_act",
    severity: "blocking",
    about: "sheet",
    check: ({ sheet }) =>
      sheet.receivedOn < sheet.actDate
        ? [{ place: SHEET, params: { received: { day: sheet.receivedOn }, act: { day: sheet.actDate } } }]
        : [],
  },
  {
    // Victims and perpetrators are denominators of their own: a case without one counts wrongly.
    code: "people_missing",
    severity: "blocking",
    about: "sheet",
    check: ({ people }) =>
      ["victim", "perpetrator"].every((kind) => people.some((person) => person.kind === kind)) ? [] : [{ place: SHEET }],
  },
  {
    // The law in force and the years of the series follow the sheet: the coded date must be the same.
    code: "act_date_differs",
    severity: "blocking",
    about: "sheet",
    factors: ["act_date"],
    check: (file) =>
      documented(file, "act_date")
        .filter(({ value }) => value !== file.sheet.actDate)
        .map((one) => ({ place: placeOf(one), params: { coded: { day: one.value }, sheet: { day: file.sheet.actDate } } })),
  },
  {
    // Figures are filtered on the sheet and counted on the coding.
    code: "act_kind_differs",
    severity: "blocking",
    about: "sheet",
    factors: ["act_outcome"],
    check: (file) =>
      documented(file, "act_outcome")
        .filter(({ value }) => value !== file.sheet.actKind)
        .map((one) => ({
          place: placeOf(one),
          params: { coded: { value: one.value, of: "act_outcome" }, sheet: { value: file.sheet.actKind, of: "act_outcome" } },
        })),
  },
  {
    // The same fact twice, once for filters and once for figures.
    code: "department_differs",
    severity: "blocking",
    about: "sheet",
    factors: ["department_code"],
    check: (file) =>
      documented(file, "department_code")
        .filter(({ value }) => value !== file.sheet.department)
        .map((one) => ({
          place: placeOf(one),
          params: { coded: { said: departmentLabel(one.value) }, sheet: { said: departmentLabel(file.sheet.department) } },
        })),
  },
  {
    // A court may have passed a case on: the two may differ, seldom.
    code: "court_differs",
    severity: "warning",
    about: "sheet",
    factors: ["judicial_district"],
    check: (file) =>
      documented(file, "judicial_district")
        .filter(({ value }) => value !== file.sheet.court)
        .map((one) => ({ place: placeOf(one) })),
  },
  {
    // The direction of violence is read from the sexes: one of the two is mistaken.
    code: "sex_differs",
    severity: "blocking",
    about: "sheet",
    check: (file) =>
      (["victim_sex", "perpetrator_sex"] as const).flatMap((factor) =>
        documented(file, factor)
          .filter(({ value, subject }) => {
            const sex = file.people.find(({ id }) => id === subject)?.sex;
            return sex !== undefined && sex !== "unknown" && sex !== value;
          })
          .map((one) => ({ place: placeOf(one), params: { factor: { factor } } })),
      ),
  },
  {
    // Children of the sheet are people of the case: the household can hardly count fewer.
    code: "fewer_children_than_sheet",
    severity: "warning",
    about: "sheet",
    factors: ["children_in_household"],
    check: (file) => {
      const children = file.people.filter(({ kind }) => kind === "child").length;
      return documented(file, "children_in_household")
        .filter(({ value }) => Number(value) < children)
        .map((one) => ({ place: placeOf(one), params: { coded: Number(one.value), sheet: children } }));
    },
  },
  {
    // Presumption of innocence rests on where the proceedings stand: the sheet and the coding must tell the same story.
    code: "proceedings_differ",
    severity: "warning",
    about: "sheet",
    factors: ["judicial_outcome"],
    check: (file) => {
      const { proceedings } = file.sheet;
      const wrong = SETTLED.includes(proceedings)
        ? holding(file, "judicial_outcome", "ongoing")
        : IN_HAND.includes(proceedings)
          ? holding(file, "judicial_outcome", "convicted", "acquitted", "appeal")
          : [];
      return wrong.map((one) => ({ place: placeOf(one), params: { coded: { value: one.value, of: "judicial_outcome" } } }));
    },
  },
  {
    // Somebody waits for this report.
    code: "due_passed",
    severity: "warning",
    about: "sheet",
    check: ({ sheet, state, today }) =>
      sheet.dueOn !== null && sheet.dueOn < today && ["received", "coded", "analysed"].includes(state)
        ? [{ place: SHEET, params: { due: { day: sheet.dueOn } } }]
        : [],
  },
] as const satisfies readonly QualityRule[];
