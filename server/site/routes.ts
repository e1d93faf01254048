import { Router } from "express";
import { z } from "zod";
import { may } from "../../workflows/abilities.ts";
import type { Context } from "../http/context.ts";
import { navigationFor } from "../http/frame.ts";
import { handlers } from "../http/handlers.ts";
import { template } from "../http/views.ts";

const help = template<object>("site/help");
const accessibility = template<object>("site/accessibility");
const legal = template<object>("site/legal");
const privacy = template<object>("site/privacy");
const sitemap = template<{ pages: { href: string; label: string }[] }>("site/sitemap");

const nothing = z.object({});

/** The pages that nobody signs in for and that say what the tool is. */
export function siteRoutes(context: Context): Router {
  const { page } = handlers(context);
  return Router()
    .get(
      "/aide",
      page(nothing, "anyone", async (_db, _input, { t }) => help(t("site.help.title"), {})),
    )
    .get(
      "/accessibilite",
      page(nothing, "anyone", async (_db, _input, { t }) => accessibility(t("site.accessibility.title"), {})),
    )
    .get(
      "/mentions-legales",
      page(nothing, "anyone", async (_db, _input, { t }) => legal(t("site.legal.title"), {})),
    )
    .get(
      "/donnees-personnelles",
      page(nothing, "anyone", async (_db, _input, { t }) => privacy(t("site.privacy.title"), {})),
    )
    .get(
      "/plan-du-site",
      page(nothing, "anyone", async (_db, _input, { t, by }) =>
        sitemap(t("site.sitemap.title"), {
          pages: [
            ...navigationFor(by ?? null, "", t),
            ...(by && may(by, "importReports") ? [{ href: "/rapports/importer", label: t("imports.list.title") }] : []),
            ...(by && may(by, "readFigures") ? [{ href: "/observatoire/accord", label: t("observatory.agreement.title") }] : []),
            ...(by && may(by, "readCases") ? [{ href: "/relecture", label: t("findings.queue.toQueue") }] : []),
            ...(by && may(by, "exportRecommendations") ? [{ href: "/exports", label: t("exports.title") }] : []),
            ...(by && may(by, "readCases") ? [{ href: "/qualite", label: t("quality.base.title") }] : []),
            ...(by && may(by, "writeToAddressees")
              ? [
                  { href: "/recommandations/destinataires", label: t("answers.contacts.title") },
                  { href: "/recommandations/relances", label: t("answers.reminders.title") },
                ]
              : []),
            ...(by && may(by, "readCodebook") ? [{ href: "/grille/propositions", label: t("codebook.links.proposals") }] : []),
            ...(by && may(by, "readCases") ? [{ href: "/grille/recodage", label: t("codebook.links.recode") }] : []),
            ...(by && may(by, "administer") ? [{ href: "/grille/brouillons", label: t("codebook.links.drafts") }] : []),
            ...(by && may(by, "useTheTool")
              ? [{ href: "/compte", label: t("frame.account.settings") }]
              : [{ href: "/connexion", label: t("frame.account.signIn") }]),
            { href: "/publications", label: t("frame.footer.publications") },
            ...(by && may(by, "readFigures") ? [] : [{ href: "/bonnes-pratiques", label: t("practices.title") }]),
            { href: "/aide", label: t("site.help.title") },
            { href: "/accessibilite", label: t("site.accessibility.title") },
            { href: "/mentions-legales", label: t("site.legal.title") },
            { href: "/donnees-personnelles", label: t("site.privacy.title") },
          ].map(({ href, label }) => ({ href, label })),
        }),
      ),
    );
}
