import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { runGuarded } from "../../server/documents/guarded-worker.ts";
import { DEFAULT_LIMITS, readDocument, renderPage } from "../../server/documents/read-document.ts";
import { docxOf, para } from "./support/packages.ts";
import { pdfFromObjects, pdfOf, stream } from "./support/pdfs.ts";
import { refusal } from "./support/reading.ts";

const SCAN = readFileSync(new URL("../samples/retex-06-couple-age-numerise.pdf", import.meta.url));
const worker = (source: string) =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from "node:worker_threads"; ${source}`)}`);

/** Drawings that call ten others each, nine deep: a few kilobytes that ask for a billion drawings. */
function endlessPdf(): Uint8Array {
  const depth = 9;
  const forms = Array.from({ length: depth }, (_, level) => {
    const last = level === depth - 1;
    const resources = last ? "/Resources << >>" : `/Resources << /XObject << /X ${level + 6} 0 R >> >>`;
    return stream(last ? "q Q" : "/X Do ".repeat(10), `/Type /XObject /Subtype /Form /BBox [0 0 9 9] ${resources}`);
  });
  return pdfFromObjects([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
    stream("/X Do"),
    ...forms,
  ]);
}

/** Ticks of the main thread's timer until `count` of them have passed. */
const ticks = (count: number) =>
  new Promise<void>((resolve) => {
    let passed = 0;
    const timer = setInterval(() => {
      if (++passed < count) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });

describe("the limits of reading", () => {
  it("a PDF without end is stopped, and the house keeps answering meanwhile", async () => {
    const order: string[] = [];
    const reading = readDocument(endlessPdf(), "boucle.pdf", { ...DEFAULT_LIMITS, milliseconds: 1_500 }).then((result) => {
      order.push("stopped");
      return result;
    });
    await ticks(20).then(() => order.push("ticked"));
    expect(await refusal(docxOf(para("Un autre rapport")), "autre.docx")).to.equal("read");
    order.push("another read");
    expect(await reading).to.deep.equal({ kind: "refused", reason: "too-long" });
    expect(order).to.deep.equal(["ticked", "another read", "stopped"]);
  });

  it("a loop that never gives way is stopped all the same", async () => {
    const outcome = await runGuarded(worker("for (;;) {}"), null, { milliseconds: 300, megabytes: 64 });
    expect(outcome).to.deep.equal({ kind: "too-long" });
  });

  it("memory beyond the limit is refused, on the heap and in buffers", async () => {
    const limits = { milliseconds: 20_000, megabytes: 48 };
    const heap = await runGuarded(worker("const all = []; for (;;) all.push({ a: [all.length] });"), null, limits);
    const buffers = await runGuarded(worker("const all = []; setInterval(() => all.push(new Uint8Array(8e6).fill(1)), 5);"), null, limits);
    expect([heap, buffers]).to.deep.equal([{ kind: "too-heavy" }, { kind: "too-heavy" }]);
  });

  it("a document that unfolds beyond the memory limit is refused as too heavy", async () => {
    const body = Array.from({ length: 60_000 }, () => para(randomBytes(20).toString("hex"))).join("");
    expect(await refusal(docxOf(body), "lourd.docx", { ...DEFAULT_LIMITS, megabytes: 40 })).to.equal("too-heavy");
  });

  it("a PDF of thousands of pages is refused as too heavy, one whose page tree bites its tail as damaged or empty", async () => {
    const tree = (kids: string, count: number) =>
      pdfFromObjects([
        "<< /Type /Catalog /Pages 2 0 R >>",
        `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`,
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
      ]);
    expect(await refusal(tree("3 0 R ".repeat(4_000), 4_000), "pages.pdf")).to.equal("too-heavy");
    expect(await refusal(tree("2 0 R", 4_000_000), "pages.pdf")).to.be.oneOf(["damaged", "empty"]);
  });

  it("a worker that fails says nothing of why, prints nothing and sees no environment", async () => {
    const limits = { milliseconds: 5_000, megabytes: 64 };
    expect(await runGuarded(worker("throw new Error('Madame A.')"), null, limits)).to.deep.equal({ kind: "failed" });
    expect(await runGuarded(worker(""), null, limits)).to.deep.equal({ kind: "failed" });
    const seen = await runGuarded(worker("parentPort.postMessage([Object.keys(process.env), workerData])"), "tâche", limits);
    expect(seen).to.deep.equal({ kind: "done", value: [[], "tâche"] });
  });

  it("many files at once are all read", async () => {
    const files = Array.from({ length: 8 }, (_, index) => docxOf(para(`Rapport ${index}`)));
    const texts = await Promise.all(files.map(async (file) => readDocument(file, "rapport.docx")));
    expect(texts.map((reading) => reading.kind === "read" && reading.document.text)).to.deep.equal(
      files.map((_, index) => `Rapport ${index}`),
    );
  });
});

describe("the image of a page", () => {
  const size = (png: Uint8Array) => [Buffer.from(png).readUInt32BE(16), Buffer.from(png).readUInt32BE(20)];

  it("of a scanned report is a PNG of the width asked for", async () => {
    const png = (await renderPage(SCAN, 1, 600))!;
    expect(Buffer.from(png).subarray(0, 8).toString("hex")).to.equal("89504e470d0a1a0a");
    expect(size(png)[0]).to.equal(600);
    expect(size(png)[1]).to.be.closeTo(849, 2);
    expect(png.length, "not a blank page").to.be.greaterThan(50_000);
  });

  it("is never wider than 2000 pixels", async () => {
    const png = (await renderPage(pdfOf([{ show: [{ x: 70, y: 100, text: "Un texte" }] }]), 1, 90_000))!;
    expect(size(png)[0]).to.equal(2_000);
  });

  it("is null for a page that does not exist, and for what is no PDF", async () => {
    expect(await renderPage(SCAN, 3, 600)).to.equal(null);
    expect(await renderPage(SCAN, 0, 600)).to.equal(null);
    expect(await renderPage(docxOf(para("a")), 1, 600)).to.equal(null);
    expect(await renderPage(new Uint8Array(), 1, 600)).to.equal(null);
  });
});
