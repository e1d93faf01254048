import type { Db } from "../../db/schema.ts";
import { changeDraft, createDraft } from "../../server/codebook/drafts.ts";
import { addFactor, retireFactor, splitFactor } from "../../server/codebook/edit.ts";
import { commentProposal, propose } from "../../server/codebook/proposals.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import type { Actor } from "../../workflows/actor.ts";

const DAY = 86_400_000;

/** The account of the demonstration that administers. */
async function administratorOf(db: Db): Promise<Actor> {
  const { account_id } = await db
    .selectFrom("account_role")
    .select("account_id")
    .where("role", "=", "administrator")
    .executeTakeFirstOrThrow();
  return { id: account_id, roles: ["administrator"] };
}

/** A proposal that three people discuss, and the draft of the next version of the codebook, not ready yet. */
export async function loadCodebookDraft(
  db: Db,
  { analysts, coordinator }: { analysts: Actor[]; coordinator: Actor },
  now: Date,
): Promise<void> {
  const administrator = await administratorOf(db);
  const [analyst, other = analyst] = analysts;
  const before = (days: number) => new Date(now.getTime() - days * DAY).toISOString();
  const { version } = await currentCodebook(db);
  await db.transaction().execute(async (tx) => {
    const proposal = await propose(
      tx,
      {
        version,
        factor: "victim_fear",
        title: "Distinguer la peur dite de la peur observée",
        body: "Une victime qui déclare sa peur à un service et une peur que seul l’entourage a remarquée n’appellent pas la même réponse. Deux facteurs permettraient de les compter à part.",
      },
      analyst!,
      before(20),
    );
    const question = await commentProposal(
      tx,
      {
        proposal,
        parent: null,
        body: "D’accord sur le fond. Que devient une peur « présente » déjà codée : dans quel facteur la ranger ?",
      },
      coordinator,
      before(18),
    );
    await commentProposal(
      tx,
      { proposal, parent: question, body: "Il faut la coder à nouveau : le passage dit presque toujours laquelle des deux." },
      other!,
      before(17),
    );
    const draft = await createDraft(tx, { base: version, definition: null, version: "1.1.0" }, administrator, before(10));
    await changeDraft(tx, draft, administrator, before(4), (one) => {
      const { base, definition } = one;
      const factor = (code: string) => definition.factors.find((own) => own.code === code)!;
      splitFactor(
        one,
        "victim_fear",
        [
          { code: "victim_fear_told", labelFr: "Peur dite à un service", labelEn: "Fear told to a service" },
          { code: "victim_fear_observed", labelFr: "Peur observée par l'entourage", labelEn: "Fear observed by relatives" },
        ],
        "Proposition de l’équipe : les deux signes n’appellent pas la même réponse.",
        base,
      );
      const premeditation = factor("premeditation");
      premeditation.definitionFr = premeditation.definitionFr.replace(
        "la seule colère antérieure ne suffit pas.",
        "la seule colère antérieure, même répétée, ne suffit pas.",
      );
      premeditation.excludeFr = "Une menace ancienne sans acte préparatoire : la coder parmi les menaces.";
      const place = factor("place_of_act");
      place.options = place.options.toSpliced(-2, 0, {
        code: "hotel",
        labelFr: "Hôtel ou hébergement de passage",
        labelEn: "Hotel or temporary lodging",
        definitionFr: null,
      });
      retireFactor(one, "overkill", "Trop rarement documenté pour être compté.", base);
      addFactor(
        one,
        {
          code: "digital_surveillance",
          section: "violence_history",
          labelFr: "Surveillance numérique",
          labelEn: "Digital surveillance",
          type: "presence",
          appliesTo: "case",
        },
        base,
      );
    });
  });
}
