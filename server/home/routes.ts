import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { holds } from "../../workflows/actor.ts";
import { PUBLICATION_STATE_WORDS } from "../../workflows/publication.machine.ts";
import { REPORT_STATES } from "../../workflows/report.decide.ts";
import { STATE_WORDS } from "../../workflows/report.words.ts";
import type { Context } from "../http/context.ts";
import { dayOf, integer, longDate, shortDate } from "../http/formats.ts";
import { type Exchange, handlers, type Signed } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { listWaitingQuestions } from "../questions/queries.ts";
import { departmentLabel } from "../reports/places.ts";
import { crossFindingsWaiting } from "./cross-finding-groups.ts";
import { type Group, type Item, opening } from "./groups.ts";
import {
  countByState,
  listAssigned,
  listLate,
  listLatestLetters,
  listOpenPublications,
  listOwnDeposits,
  listReturns,
  listToAssign,
  listToReview,
  listWithoutAdjudicator,
} from "./queries.ts";
import { listOwnRecodeTasks } from "./recode-tasks.ts";
import { recommendationsToApprove, recommendationsToFollow } from "./recommendation-groups.ts";
import { listProposedToAnalyst, listSecondLooks } from "./review-tasks.ts";

const homePage = template<{
  title: string;
  groups: Group[];
  overview: { label: string; href: string; count: string }[];
  deposit: boolean;
  administration: boolean;
}>("home/home");
const visitorPage = template<{ letters: { href: string; title: string; lang: string; when: string }[] }>("home/visitor");

type Line = { id: string; act_date: string; received_on: string; department: string; due_on: string | null; priority: string };

/** What waits for the person who is signed in, by each role held. */
async function workPage(db: Db, { by, t, language, now }: Exchange) {
  const today = dayOf(now);
  const item = (line: Line, href: string, detail: string, why: string | null = null): Item => ({
    href,
    label: line.id,
    detail: [shortDate(line.act_date, language), departmentLabel(line.department), detail].filter(Boolean).join(" · "),
    high: line.priority === "high",
    due: line.due_on ? t("home.due", { date: shortDate(line.due_on, language) }) : null,
    late: line.due_on !== null && line.due_on < today,
    why,
  });
  const groups: Group[] = [];
  if (may(by, "readCases")) {
    const questions = await listWaitingQuestions(db, by);
    if (questions.length > 0)
      groups.push({
        id: "questions",
        title: t("home.questions.title"),
        empty: "",
        items: questions.map(({ thread, why }) => ({
          href: `/rapports/${thread.report_id}/questions/${thread.id}`,
          label: opening(thread.posts[0]?.text ?? t("questions.unseen")),
          detail: [thread.report_id, t(`home.questions.${why}`, { name: thread.name })].join(" · "),
          high: false,
          due: null,
          late: false,
          why: null,
        })),
        all: null,
      });
  }
  if (holds(by, "analyst")) {
    const assigned = await listAssigned(db, by.id);
    // A coding that two do blind never came back to one of them: what was said of an earlier one is not told.
    const returns = await listReturns(
      db,
      assigned.filter(({ coding_mode }) => coding_mode !== "blind").map(({ id }) => id),
    );
    const place = { received: "codage", coded: "constats", analysed: "relecture" } as const;
    const entry = (line: (typeof assigned)[number]) => {
      const back = returns.get(line.id);
      return item(
        line,
        `/rapports/${line.id}/${place[line.state as keyof typeof place]}`,
        line.state === "received"
          ? [line.coding_mode === "blind" ? t("home.blind") : "", t("home.coded", { count: Number(line.coded) })]
              .filter(Boolean)
              .join(" · ")
          : line.state === "analysed"
            ? t("home.sent.review")
            : "",
        back ? `${t(`home.back.${back.how}`, { name: back.name })} ${back.reason ?? ""}` : null,
      );
    };
    const back = assigned.filter(({ id, state }) => returns.has(id) && state !== "analysed");
    const adjudicates = ({ state, coding_mode, layer }: (typeof assigned)[number]) =>
      state === "received" && coding_mode === "blind" && layer === 3;
    const handedIn = ({ state, coding_mode, submitted_at }: (typeof assigned)[number]) =>
      state === "received" && coding_mode === "blind" && submitted_at !== null;
    // Once two codings were settled, what is coded again belongs to whoever settled them.
    const idle = ({ state, coding_mode, layer }: (typeof assigned)[number]) =>
      state === "received" && coding_mode === "adjudicated" && layer !== 3;
    const fresh = assigned.filter((line) => !back.includes(line) && !adjudicates(line) && !handedIn(line) && !idle(line));
    const settling = assigned.filter(adjudicates);
    const all = `/rapports?analyste=${by.id}`;
    if (back.length > 0)
      groups.push({ id: "revenus", title: t("home.back.title"), empty: t("home.back.empty"), items: back.map(entry), all: null });
    const recoding = await listOwnRecodeTasks(db, by.id);
    if (recoding.length > 0)
      groups.push({
        id: "a-recoder",
        title: t("home.recode.title"),
        empty: "",
        items: recoding.map((line) => item(line, `/rapports/${line.id}/version`, t("home.recode.to", { version: line.to_version }))),
        all: "/grille/recodage",
      });
    const proposed = await listProposedToAnalyst(db, by.id);
    if (proposed.length > 0)
      groups.push({
        id: "propositions",
        title: t("home.proposed.title"),
        empty: "",
        items: proposed.map((line) =>
          item(
            line,
            `/rapports/${line.id}/constats#constat-${line.number}`,
            t("findings.finding", { number: line.number }),
            `${t("home.proposed.by", { name: line.name })} ${line.reason}`,
          ),
        ),
        all: null,
      });
    if (settling.length > 0)
      groups.push({
        id: "a-arbitrer",
        title: t("home.adjudicate.title"),
        empty: "",
        items: settling.map((line) =>
          item(
            line,
            `/rapports/${line.id}/arbitrage`,
            Number(line.handedIn) === 2 ? t("home.adjudicate.ready") : t("home.adjudicate.waiting", { count: 2 - Number(line.handedIn) }),
          ),
        ),
        all: null,
      });
    groups.push(
      {
        id: "a-coder",
        title: t("home.code.title"),
        empty: t("home.code.empty"),
        items: fresh.filter(({ state }) => state === "received").map(entry),
        all: `${all}&etat=received`,
      },
      {
        id: "constats",
        title: t("home.write.title"),
        empty: t("home.write.empty"),
        items: fresh.filter(({ state }) => state === "coded").map(entry),
        all: null,
      },
      {
        id: "en-relecture",
        title: t("home.sent.title"),
        empty: t("home.sent.empty"),
        items: [
          ...fresh.filter(({ state }) => state === "analysed").map(entry),
          ...assigned.filter(handedIn).map((line) => item(line, `/rapports/${line.id}/codage`, t("home.sent.blind"))),
        ],
        all: null,
      },
    );
  }
  if (holds(by, "reviewer")) {
    groups.push({
      id: "a-relire",
      title: t("home.review.title"),
      empty: t("home.review.empty"),
      items: (await listToReview(db, by.id)).map((line) =>
        item(line, `/rapports/${line.id}/relecture`, t("home.review.waiting", { date: shortDate(dayOf(line.updated_at), language) })),
      ),
      all: "/relecture",
      always: true,
    });
    groups.push(...(await recommendationsToApprove(db, by.id, { t, language, today })));
    const looks = await listSecondLooks(db, by);
    if (looks.length > 0)
      groups.push({
        id: "secondes-relectures",
        title: t("home.looks.title"),
        empty: "",
        items: looks.map((line) =>
          item(
            line,
            `/rapports/${line.id}/relecture#constat-${line.number}`,
            [t("findings.finding", { number: line.number }), t(`home.looks.${line.kind}`)].join(" · "),
          ),
        ),
        all: "/relecture",
      });
  }
  groups.push(...(await crossFindingsWaiting(db, by, { t, language })));
  if (holds(by, "coordinator")) {
    const received = (line: Line) => t("home.received", { date: shortDate(line.received_on, language) });
    groups.push(
      {
        id: "a-affecter",
        title: t("home.assign.title"),
        empty: t("home.assign.empty"),
        items: [
          ...(await listToAssign(db)).map((line) => item(line, `/rapports/${line.id}`, received(line))),
          ...(await listWithoutAdjudicator(db)).map((line) => item(line, `/rapports/${line.id}`, t("home.adjudicate.nobody"))),
        ],
        all: "/rapports?analyste=personne&etat=received",
      },
      {
        id: "en-retard",
        title: t("home.late.title"),
        empty: t("home.late.empty"),
        items: (await listLate(db, today)).map((line) => item(line, `/rapports/${line.id}`, "")),
        all: null,
      },
      ...(await recommendationsToFollow(db, { t, language, today })),
    );
  }
  if (may(by, "readDraftPublications"))
    groups.push({
      id: "publications",
      title: t("home.publications.title"),
      empty: t("home.publications.empty"),
      items: (await listOpenPublications(db)).map(({ id, title, state }) => ({
        href: `/redaction/${id}`,
        label: title,
        detail: PUBLICATION_STATE_WORDS[state][language],
        high: false,
        due: null,
        late: false,
        why: null,
      })),
      all: "/redaction",
    });
  if (holds(by, "correspondent"))
    groups.push({
      id: "depots",
      title: t("home.deposits.title"),
      empty: t("home.deposits.empty"),
      items: (await listOwnDeposits(db, by.id)).map((line) => item(line, `/rapports/${line.id}`, STATE_WORDS[line.state][language])),
      all: "/rapports",
    });
  const counts = may(by, "readCases") ? await countByState(db) : null;
  return homePage(t("home.title"), {
    title: t("home.hello", { name: by.name }),
    groups,
    overview: counts
      ? REPORT_STATES.map((state) => ({
          label: STATE_WORDS[state][language],
          href: `/rapports?etat=${state}`,
          count: integer(counts.get(state) ?? 0, language),
        }))
      : [],
    deposit: may(by, "depositReports"),
    administration: may(by, "administer"),
  });
}

/** What the tool is and what anyone may read. */
async function welcomePage(db: Db, { t, language }: Exchange) {
  const letters = await listLatestLetters(db);
  return visitorPage(t("home.visitor.title"), {
    letters: letters.map(({ slug, title, language: written, published_at }) => ({
      href: `/publications/${slug}`,
      title,
      lang: written,
      when: published_at ? t("home.visitor.published", { date: longDate(dayOf(published_at), language) }) : "",
    })),
  });
}

export function homeRoutes(context: Context): Router {
  const { page } = handlers(context);
  return Router().get(
    "/",
    page(z.object({}), "anyone", async (db, _input, exchange) =>
      (exchange.by as Signed | undefined) ? workPage(db, exchange) : welcomePage(db, exchange),
    ),
  );
}
