import { HOUSE_LAYOUTS, saveLayout } from "../../server/exports/layouts.ts";
import { type Asked, idsFor, makeExport } from "../../server/exports/make.ts";
import { forgetExpiredExports, keepExport } from "../../server/exports/queries.ts";
import type { Context } from "../../server/http/context.ts";
import { registerFilters } from "../../server/recommendations/filters.ts";
import type { Actor } from "../../workflows/actor.ts";

const HOUR = 3_600_000;

/** Exports made in the last days, one of them expired since, and a layout that the heads share. */
export async function loadExports(context: Context, { coordinator }: { coordinator: Actor }): Promise<void> {
  const { db } = context.database;
  const now = context.clock();
  const taken: { hoursAgo: number; asked: Partial<Asked>; filters: Record<string, string> }[] = [
    { hoursAgo: 230, asked: { ...HOUSE_LAYOUTS.registre, layout: "registre", format: "ods" }, filters: {} },
    { hoursAgo: 50, asked: { ...HOUSE_LAYOUTS.suivi, layout: "suivi", format: "xlsx" }, filters: { statut: "issued" } },
    { hoursAgo: 26, asked: { ...HOUSE_LAYOUTS.public, layout: "public", format: "csv" }, filters: { theme: "information_sharing" } },
    { hoursAgo: 3, asked: { ...HOUSE_LAYOUTS.complet, layout: "complet", format: "json" }, filters: {} },
  ];
  for (const { hoursAgo, asked, filters } of taken) {
    const at = new Date(now.getTime() - hoursAgo * HOUR).toISOString();
    const whole: Asked = {
      ...HOUSE_LAYOUTS.suivi,
      format: "csv",
      language: "fr",
      layout: "suivi",
      groupedBy: null,
      filters: registerFilters.parse(filters),
      ...asked,
    };
    const made = await makeExport(context, whole, await idsFor(db, whole, at), at, async () => {});
    await keepExport(db, whole, made, coordinator, at);
  }
  await forgetExpiredExports(db, now);
  await db.transaction().execute((tx) =>
    saveLayout(
      tx,
      {
        name: "Comité de suivi",
        columns: ["reference", "text", "addressee", "deadline", "status", "said", "assessment", "implementation", "implementationOverdue"],
        history: false,
        shared: true,
      },
      coordinator,
      new Date(now.getTime() - 49 * HOUR).toISOString(),
    ),
  );
}
