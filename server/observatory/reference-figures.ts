import type { Tx } from "../../db/schema.ts";

export async function storeReferenceFigures(_tx: Tx, _yaml: string): Promise<void> {}
