import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { choice, optional, optionalDate, required, seenVersion, whole } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { reportPage } from "../reports/report-page.ts";
import { askSecondCoding, assignReport, reopenLayer, submitLayer } from "./assign.ts";
import { drawSecondCoders } from "./draw-second-coders.ts";
import { assignmentsPage } from "./pages.ts";

const event = { id: z.string(), version: seenVersion() };
const person = () => optional(50);
const assignForm = z.strictObject({
  ...event,
  analyst: person(),
  second: person(),
  adjudicator: person(),
  priority: choice(["normal", "high"]),
  due: optionalDate(),
});
const secondForm = z.strictObject({
  ...event,
  second: required(50),
  adjudicator: person(),
  reason: required(2000),
});
const reopenForm = z.strictObject({
  ...event,
  layer: choice(["1", "2"]).transform((layer) => (layer === "1" ? (1 as const) : (2 as const))),
  reason: required(2000),
});
const drawForm = z.strictObject({
  rule: choice(["share", "low_confidence"]),
  share: whole(1, 100),
  atLeast: whole(1, 200),
  seed: required(100),
  reason: required(2000),
});

/** Every URL of this room: who codes what. */
export function assignmentRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const formPage =
    (form: Parameters<typeof reportPage>[5]) =>
    async (db: Db, typed: Parameters<typeof reportPage>[3], problems: Record<string, string>, exchange: Exchange) =>
      reportPage(db, String(typed?.["id"]), exchange, typed, problems, form);

  return Router()
    .get(
      "/affectations",
      page(z.object({}), "assignReports", (db, _input, exchange) => assignmentsPage(db, exchange)),
    )
    .post(
      "/affectations/tirage",
      action(drawForm, "assignReports", {
        run: async (tx, form, { by, now, t, audit }) => {
          const given = await drawSecondCoders(tx, form, by, now);
          for (const { report } of given) audit("report.drawn", "report", report);
          return { to: "/affectations", flash: { tone: "success", text: t("assignments.draw.done", { count: given.length }) } };
        },
        again: (db, typed, problems, exchange) => assignmentsPage(db, exchange, typed, problems),
      }),
    )
    .post(
      "/rapports/:id/affecter",
      action(assignForm, "followReports", {
        run: async (tx, { id, version, ...given }, { by, now, t, audit }) => {
          await assignReport(tx, { reportId: id, seenVersion: version, by, now }, given);
          const names = new Map(
            (
              await tx
                .selectFrom("account")
                .select(["id", "name"])
                .where("id", "in", [given.analyst ?? "", given.second ?? ""])
                .execute()
            ).map((account) => [account.id, account.name]),
          );
          audit("report.assigned", "report", id);
          const [first, second] = [names.get(given.analyst ?? ""), names.get(given.second ?? "")];
          const text =
            first && second ? t("reports.assign.blindDone", { first, second }) : t("reports.assign.done", { name: first ?? second ?? "" });
          return { to: `/rapports/${id}`, flash: { tone: "success", text } };
        },
        again: formPage("assign"),
      }),
    )
    .post(
      "/rapports/:id/second-codage",
      action(secondForm, "followReports", {
        run: async (tx, { id, version, ...given }, { by, now, t, audit }) => {
          await askSecondCoding(tx, { reportId: id, seenVersion: version, by, now }, given);
          const { name } = await tx.selectFrom("account").select("name").where("id", "=", given.second).executeTakeFirstOrThrow();
          audit("report.second-coding", "report", id);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.assign.secondDone", { name }) } };
        },
        again: formPage("second"),
      }),
    )
    .post(
      "/rapports/:id/rouvrir-codage",
      action(reopenForm, "followReports", {
        run: async (tx, { id, version, layer, reason }, { by, now, t, audit }) => {
          await reopenLayer(tx, { reportId: id, seenVersion: version, by, now }, layer, reason);
          audit("report.layer-reopened", "report", id);
          return { to: `/rapports/${id}`, flash: { tone: "success", text: t("reports.assign.reopened") } };
        },
        again: formPage("layer"),
      }),
    )
    .post(
      "/rapports/:id/codage/remettre-en-aveugle",
      action(z.strictObject(event), "readCases", {
        run: async (tx, { id, version }, { by, now, t, audit }) => {
          const both = await submitLayer(tx, { reportId: id, seenVersion: version, by, now });
          audit("coding-submit", "report", id);
          return {
            to: `/rapports/${id}/codage`,
            flash: { tone: "success", text: t(both ? "assignments.layer.bothSubmitted" : "assignments.layer.submitted") },
          };
        },
        again: formPage(null),
      }),
    );
}
