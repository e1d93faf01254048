import type { Db } from "../../db/schema.ts";
import { composeLetter, digestOf } from "../../server/publications/compose.ts";
import { yearFigures } from "../../server/publications/figures.ts";
import { typesetLetter } from "../../server/publications/pdf/typeset.ts";
import { applyPublicationEvent, createLetter, findPublication } from "../../server/publications/queries.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { PublicationEvent } from "../../workflows/publication.machine.ts";

const FOREWORD = `Cette lettre rassemble ce que les services ont appris, ensemble, après des homicides conjugaux et des tentatives. Elle est écrite pour
prévenir, non pour juger : derrière chaque chiffre, il y a une personne et des proches.

Elle ne dit que ce que les rapports documentent. **Ce qu’un rapport tait n’est jamais compté comme absent.**`;

/** Brings the annual letter of a year to publication, or leaves it a draft, by the events that lead there. */
async function loadLetter(
  db: Db,
  { year, publish }: { year: number; publish: boolean },
  cast: { coordinator: Actor; reviewer: Actor },
  version: string,
): Promise<void> {
  const on = (day: string) => `${year + 1}-11-${day}T09:00:00.000Z`;
  const title = `Lettre de l’observatoire (démonstration) – les retours d’expérience sur les faits de ${year}`;
  const id = await db.transaction().execute((tx) => createLetter(tx, { year, language: "fr", title, by: cast.coordinator, now: on("10") }));
  let seenVersion = 1;
  const happens = (
    event: PublicationEvent,
    now: string,
    more: Pick<Parameters<typeof applyPublicationEvent>[1], "foreword" | "frozen"> = {},
  ) => db.transaction().execute((tx) => applyPublicationEvent(tx, { id, seenVersion: seenVersion++, event, now, ...more }));
  await happens({ type: "BLOCKS_EDITED", by: cast.coordinator }, on("12"), { foreword: FOREWORD });
  if (!publish) return;
  const letter = composeLetter(await yearFigures(db, year), {
    publication: await findPublication(db, id),
    demo: true,
    version,
    now: on("16"),
  });
  const frozen = JSON.stringify(letter);
  await happens({ type: "SENT_TO_REVIEW", by: cast.coordinator }, on("16"), {
    frozen: { frozen, digest: digestOf(frozen), pdf: await typesetLetter(letter) },
  });
  await happens({ type: "APPROVED", by: cast.reviewer }, on("20"));
  await happens({ type: "PUBLISHED", by: cast.coordinator }, on("23"));
}

/** Two published letters and one being composed. */
export async function loadLetters(db: Db, cast: { coordinator: Actor; reviewer: Actor }, version: string): Promise<void> {
  for (const letter of [
    { year: 2019, publish: true },
    { year: 2024, publish: true },
    { year: 2025, publish: false },
  ])
    await loadLetter(db, letter, cast, version);
}
