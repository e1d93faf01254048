/** A text to be shown: distance of the baseline from the top, left edge, size, one of the fonts below, tilt in degrees clockwise. */
export type Shown = {
  x: number;
  y: number;
  text: string;
  size?: number;
  font?: "mono" | "bold" | "sans";
  turned?: boolean;
  tilt?: number;
  invisible?: boolean;
};
export type PdfPage = { show: Shown[]; extra?: string; rotate?: number };

const WIDTH = 595;
const HEIGHT = 842;
/** Letters of the fixed-width font are this many sizes wide: tests can tell where a line ends. */
export const MONO = 0.6;

const C1 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";
const windows1252 = (text: string): string =>
  [...text]
    .map((character) => (C1.includes(character) ? 0x80 + C1.indexOf(character) : character.charCodeAt(0)).toString(16).padStart(2, "0"))
    .join("");

const shown = ({ x, y, text, size = 10, font = "mono", turned = false, tilt = 0, invisible = false }: Shown): string => {
  const name = { mono: "F1", bold: "F2", sans: "F3" }[font];
  const angle = turned ? Math.PI / 2 : (-tilt * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle).toFixed(6), Math.sin(angle).toFixed(6)];
  const matrix = `${cos} ${sin} ${-sin} ${cos} ${x} ${HEIGHT - y}`;
  return `BT ${invisible ? 3 : 0} Tr /${name} ${size} Tf ${matrix} Tm <${windows1252(text)}> Tj ET`;
};

/** A drawn line from one point to another, measured from the top left corner. */
export const drawn = (x1: number, y1: number, x2: number, y2: number) => `${x1} ${HEIGHT - y1} m ${x2} ${HEIGHT - y2} l S`;

/** The lines of a grid. */
export const grid = (xs: number[], ys: number[]): string =>
  [...xs.map((x) => drawn(x, ys[0]!, x, ys.at(-1)!)), ...ys.map((y) => drawn(xs[0]!, y, xs.at(-1)!, y))].join("\n");

/** Lines of the fixed-width font one below the other. */
export const lines = (x: number, y: number, texts: string[], { step = 12, size = 10 } = {}): Shown[] =>
  texts.map((text, index) => ({ x, y: y + index * step, text, size }));

/** Writes a PDF by hand from its objects (1-based) and what the trailer holds besides. */
export function pdfFromObjects(objects: string[], trailer = ""): Uint8Array {
  let file = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) file += `${String(offset).padStart(10, "0")} 00000 n \n`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, "latin1");
}

export const stream = (content: string, dictionary = "") => `<< ${dictionary} /Length ${content.length} >>\nstream\n${content}\nendstream`;

const font = (base: string) => `<< /Type /Font /Subtype /Type1 /BaseFont /${base} /Encoding /WinAnsiEncoding >>`;

export function pdfOf(pages: PdfPage[], trailer = ""): Uint8Array {
  const first = 6;
  const kids = pages.map((_, index) => `${first + index * 2} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    font("Courier"),
    font("Courier-Bold"),
    font("Helvetica"),
  ];
  pages.forEach(({ show, extra = "", rotate = 0 }, index) => {
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Rotate ${rotate} /Contents ${first + index * 2 + 1} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> >>`,
      stream(`${show.map(shown).join("\n")}\n${extra}`),
    );
  });
  return pdfFromObjects(objects, trailer);
}
