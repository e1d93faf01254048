import { openPdf } from "./pdf-open.ts";

export const WIDEST = 2000;
/** A page much taller than wide is drawn smaller rather than as an endless strip. */
const TALLEST = 4000;

/** Draws one page of a PDF as a PNG, at most `WIDEST` pixels wide. Null when there is no such page. */
export async function drawPage(bytes: Uint8Array, page: number, width: number): Promise<Uint8Array | null> {
  const { document } = await openPdf(bytes, { images: true });
  if (!Number.isInteger(page) || page < 1 || page > document.numPages) return null;
  const { createCanvas } = await import("@napi-rs/canvas");
  const proxy = await document.getPage(page);
  const natural = proxy.getViewport({ scale: 1 });
  const wanted = Math.min(Math.max(Math.round(width) || 1, 1), WIDEST);
  const scale = Math.min(wanted / natural.width, TALLEST / natural.height);
  const viewport = proxy.getViewport({ scale });
  const canvas = createCanvas(Math.max(Math.round(viewport.width), 1), Math.max(Math.round(viewport.height), 1));
  await proxy.render({ canvas: canvas as unknown as HTMLCanvasElement, viewport, background: "#ffffff" }).promise;
  return canvas.encode("png");
}
