import { createPrivateKey, createSign, generateKeyPairSync } from "node:crypto";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { AddresseeContactTable, RecommendationTable } from "../../db/schema.ts";
import { makeLink } from "../../server/follow-up/links.ts";
import type { Actor } from "../../workflows/actor.ts";
import { recommendationRow } from "../recommendations/support.ts";
import { clock } from "../support/databases.ts";

export const NOW = clock().toISOString();

/** A recommendation that was issued in September 2026, its answer awaited since 1 November. */
export const issued = (
  database: Database,
  given: { report_id: string; written_by: string } & Partial<RecommendationTable>,
): Promise<RecommendationTable> =>
  recommendationRow(database.db, {
    state: "issued",
    issued_at: "2026-09-01T08:00:00.000Z",
    deadline: "2027-06-30",
    answer_due: "2026-11-01",
    proof_expected: "Circulaire publiée",
    ...given,
  });

export async function contact(database: Database, by: Actor, given: Partial<AddresseeContactTable> = {}): Promise<AddresseeContactTable> {
  const row: AddresseeContactTable = {
    id: newId(),
    addressee: "police",
    service: "Direction fictive de la sécurité publique",
    person: "Mme Exemple, cheffe de service",
    email: "cheffe@police.invalid",
    postal_address: "1, rue de l’Exemple\n41000 Blois",
    language: "fr",
    created_by: by.id,
    created_at: NOW,
    closed_at: null,
    ...given,
  };
  await database.db.insertInto("addressee_contact").values(row).execute();
  return row;
}

/** A link made by the coordinator for this recommendation; its secret as its addressee holds it. */
export const linkTo = (
  database: Database,
  { reference }: Pick<RecommendationTable, "reference">,
  by: Actor,
  {
    contactId = null,
    recipient = "Mme Exemple",
    expiresOn = "2027-02-01",
    now = NOW,
  }: Partial<{
    contactId: string | null;
    recipient: string;
    expiresOn: string;
    now: string;
  }> = {},
) =>
  database.db.transaction().execute(async (tx) => {
    const { version } = await tx
      .selectFrom("recommendation")
      .select("version")
      .where("reference", "=", reference)
      .executeTakeFirstOrThrow();
    return makeLink(tx, { reference, seenVersion: version, by, now }, { contactId, recipient, expiresOn });
  });

export const rowOf = (database: Database, { reference }: Pick<RecommendationTable, "reference">) =>
  database.db.selectFrom("recommendation").selectAll().where("reference", "=", reference).executeTakeFirstOrThrow();

// --- a certificate of this machine, as a mail server of a test holds it ------------------------------------------------------------
const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const oid = (hex: string) => der(6, Buffer.from(hex, "hex"));
const utc = (text: string) => der(0x18, Buffer.from(text));

/** A key and a certificate signed by itself for 127.0.0.1, in force until 2099, as PEM. */
export function certificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(0x30, oid("2a8648ce3d040302"));
  const name = der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from("Essai")))));
  const basic = der(0x30, oid("551d13"), der(1, Buffer.from([255])), der(4, der(0x30, der(1, Buffer.from([255])))));
  const names = der(0x30, oid("551d11"), der(4, der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])))));
  const body = der(
    0x30,
    der(0xa0, der(2, Buffer.from([2]))),
    der(2, Buffer.from([1])),
    algorithm,
    name,
    der(0x30, utc("20200101000000Z"), utc("20991231000000Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, basic, names)),
  );
  const signature = createSign("sha256")
    .update(body)
    .sign(createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })));
  const whole = der(0x30, body, algorithm, der(3, Buffer.from([0]), signature));
  const lines = whole.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
