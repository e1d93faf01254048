import { HEAD, odfSpaces, odfText, VERSION } from "./odf.ts";
import {
  BLACK,
  BODY_SIZE,
  BOTTOM_MARGIN,
  FACE,
  GREY,
  HAIR,
  HEADINGS,
  INK,
  PALE,
  PARAGRAPH_SPACE,
  RUNNING,
  TOP_MARGIN,
} from "./office-look.ts";
import { type PreparedDocument, RECIPIENT, SIDE_MARGIN, TEXT_WIDTH } from "./prepare.ts";

const SPACES = odfSpaces("office", "style", "text", "table", "fo", "svg", "meta", "dc", "xlink");

/** Attributes by their names; what has no value is left out. */
export type Attributes = Record<string, string | undefined>;
export const attributes = (all: Attributes): string =>
  Object.entries(all)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${value}"`))
    .join("");

const properties = (kind: "paragraph" | "text", all: Attributes, inside = ""): string => {
  const written = attributes(all);
  return written === "" && inside === ""
    ? ""
    : `<style:${kind}-properties${written}${inside === "" ? "/>" : `>${inside}</style:${kind}-properties>`}`;
};

const small = { "fo:font-size": "8.5pt", "fo:color": `#${GREY}` };
const bold = { "fo:font-weight": "bold" };
const ink = { "fo:color": `#${INK}` };
const keep = { "fo:keep-with-next": "always" };
const END_OF_LINE = `<style:tab-stops><style:tab-stop style:position="${TEXT_WIDTH}mm" style:type="right"/></style:tab-stops>`;
const DOTTED_END = `<style:tab-stops><style:tab-stop style:position="${TEXT_WIDTH}mm" style:type="right" style:leader-style="dotted" style:leader-text="."/></style:tab-stops>`;

/** styles.xml: the styles a reader can change in one place, named as LibreOffice names them, and the pages with their running lines. */
export function odtStyles(document: PreparedDocument): string {
  const { language, letter } = document;
  const style = (
    name: string,
    paragraph: Attributes,
    text: Attributes = {},
    { parent = "Standard", tabs = "", level }: { parent?: string; tabs?: string; level?: number } = {},
  ) =>
    `<style:style${attributes({
      "style:name": name.replaceAll(" ", "_20_"),
      "style:display-name": name.includes(" ") ? name : undefined,
      "style:family": "paragraph",
      "style:parent-style-name": parent.replaceAll(" ", "_20_"),
      "style:default-outline-level": level === undefined ? undefined : String(level),
      "style:class": "text",
    })}>${properties("paragraph", paragraph, tabs)}${properties("text", text)}</style:style>`;
  const span = (name: string, text: Attributes) =>
    `<style:style${attributes({ "style:name": name.replaceAll(" ", "_20_"), "style:display-name": name, "style:family": "text" })}>${properties("text", text)}</style:style>`;
  const callout = {
    "fo:background-color": `#${PALE}`,
    "fo:border-left": `2pt solid #${INK}`,
    "fo:border-top": "none",
    "fo:border-bottom": "none",
    "fo:border-right": "none",
    "fo:padding": "2.6mm",
    "style:join-border": "true",
    "fo:margin-left": "0.4mm",
  };
  const headings = HEADINGS.map(({ size, before, after, color, bold: heavy, italic }, index) =>
    style(
      `Heading ${index + 1}`,
      { "fo:margin-top": `${before}pt`, "fo:margin-bottom": `${after}pt`, "fo:keep-together": "always", ...keep },
      {
        "fo:font-size": `${size}pt`,
        "fo:color": `#${color}`,
        "fo:font-weight": heavy ? "bold" : "normal",
        "fo:font-style": italic ? "italic" : "normal",
      },
      { level: index + 1 },
    ),
  );
  return [
    `${HEAD}<office:document-styles ${SPACES} ${VERSION}><office:font-face-decls>`,
    `<style:font-face style:name="${FACE}" svg:font-family="${FACE}" style:font-family-generic="swiss" style:font-pitch="variable"/>`,
    "</office:font-face-decls><office:styles>",
    `<style:default-style style:family="paragraph">${properties("paragraph", {
      "fo:line-height": "115%",
      "fo:orphans": "2",
      "fo:widows": "2",
      "style:tab-stop-distance": "10mm",
    })}${properties("text", {
      "style:font-name": FACE,
      "fo:font-size": `${BODY_SIZE}pt`,
      "fo:color": `#${BLACK}`,
      "fo:language": language,
      "fo:country": language === "fr" ? "FR" : "GB",
    })}</style:default-style>`,
    '<style:default-style style:family="table"><style:table-properties table:border-model="collapsing"/></style:default-style>',
    '<style:style style:name="Standard" style:family="paragraph" style:class="text"/>',
    style("Text body", { "fo:margin-bottom": `${PARAGRAPH_SPACE}pt` }),
    style("Small Text", { "fo:margin-top": "2pt", "fo:margin-bottom": `${PARAGRAPH_SPACE}pt` }, small),
    style(
      "Title",
      { "fo:margin-top": "30pt", "fo:margin-bottom": "8pt", "fo:line-height": "108%", ...keep },
      { "fo:font-size": "25pt", ...bold, ...ink },
    ),
    style("Subtitle", { "fo:margin-bottom": "26pt" }, { "fo:font-size": "13.5pt", "fo:color": `#${GREY}` }),
    style(
      "Imprint",
      { "fo:border-bottom": `1.5pt solid #${INK}`, "fo:padding-bottom": "2mm", "fo:margin-bottom": "10pt" },
      { "fo:font-size": "10pt", ...bold, ...ink },
      { tabs: END_OF_LINE },
    ),
    ...headings,
    style("Contents Heading", { "fo:margin-top": "6pt", "fo:margin-bottom": "6pt", ...keep }, { "fo:font-size": "10pt", ...bold, ...ink }),
    style("Contents 1", { "fo:margin-top": "5pt", "fo:margin-bottom": "2pt" }, { "fo:font-size": "10pt", ...bold }, { tabs: DOTTED_END }),
    // Tab stops count from the indent.
    style(
      "Contents 2",
      { "fo:margin-left": "4mm", "fo:margin-bottom": "2pt" },
      { "fo:font-size": "10pt" },
      {
        tabs: DOTTED_END.replace(`${TEXT_WIDTH}mm`, `${TEXT_WIDTH - 4}mm`),
      },
    ),
    style("List Contents", { "fo:margin-bottom": "3pt" }),
    style("Table Heading", { "fo:line-height": "110%", ...keep }, { "fo:font-size": "8.5pt", ...bold }),
    style("Table Contents", { "fo:line-height": "110%" }, { "fo:font-size": "9pt" }),
    style("Caption", { "fo:margin-top": "14pt", "fo:margin-bottom": "5pt", ...keep }, { "fo:font-size": "9.5pt", ...bold }),
    style("Definition", { "fo:margin-bottom": "4pt" }),
    style("Callout", { ...callout, "fo:margin-bottom": "3pt" }),
    style(
      "Callout Title",
      { ...callout, "fo:margin-top": "6pt", "fo:margin-bottom": "3pt", ...keep },
      { "fo:font-size": "9pt", ...bold, ...ink },
    ),
    style("Quotations", {
      "fo:border-left": `1.5pt solid #${HAIR}`,
      "fo:border-top": "none",
      "fo:border-bottom": "none",
      "fo:border-right": "none",
      "fo:padding-left": "3mm",
      "fo:margin-left": "0.4mm",
      "fo:margin-bottom": "4pt",
    }),
    style("Quotation Source", { "fo:margin-bottom": `${PARAGRAPH_SPACE}pt` }, small, { parent: "Quotations" }),
    style("Sender Name", { "fo:margin-bottom": "2pt" }, { "fo:font-size": "11pt", ...bold, ...ink }),
    style("Sender", {}, { "fo:font-size": "9pt", "fo:color": `#${GREY}` }),
    style("Addressee", { "fo:margin-left": `${RECIPIENT.left}mm` }),
    style("Place and Date", { "fo:margin-left": `${RECIPIENT.left}mm`, "fo:margin-top": "28pt", "fo:margin-bottom": "30pt" }),
    style("Particulars", { "fo:margin-bottom": "2pt" }, { "fo:font-size": "9pt", "fo:color": `#${GREY}` }),
    style("Subject", { "fo:margin-top": "2pt", "fo:margin-bottom": "22pt" }, bold),
    style("Signature", { "fo:margin-left": `${RECIPIENT.left}mm`, "fo:keep-together": "always" }),
    style("Separator", { "fo:line-height": "8pt" }, { "fo:font-size": "4pt" }),
    style("Header", { "fo:border-bottom": `0.5pt solid #${HAIR}`, "fo:padding-bottom": "1.5mm" }, small, { tabs: END_OF_LINE }),
    style("Footer", {}, small, { tabs: END_OF_LINE }),
    span("Strong Emphasis", bold),
    span("Emphasis", { "fo:font-style": "italic" }),
    span("Strong Italic", { ...bold, "fo:font-style": "italic" }),
    span("Term", { ...bold, "fo:font-size": "9pt" }),
    span("Bullet Symbols", ink),
    span("Index Link", { "fo:color": `#${BLACK}` }),
    span("Internet link", {
      ...ink,
      "style:text-underline-style": "solid",
      "style:text-underline-width": "auto",
      "style:text-underline-color": `#${HAIR}`,
    }),
    listStyle(
      "Bullets",
      (level) => `<text:list-level-style-bullet text:level="${level}" text:style-name="Bullet_20_Symbols" text:bullet-char="–">`,
      "bullet",
    ),
    listStyle(
      "Numbers",
      (level) => `<text:list-level-style-number text:level="${level}" style:num-format="1" style:num-suffix=".">`,
      "number",
    ),
    `<text:outline-style style:name="Outline">${HEADINGS.map((_, index) => `<text:outline-level-style text:level="${index + 1}" style:num-format=""/>`).join("")}</text:outline-style>`,
    "</office:styles><office:automatic-styles>",
    pageLayout(letter === null ? TOP_MARGIN.booklet : TOP_MARGIN.letter),
    "</office:automatic-styles><office:master-styles>",
    masterPage("First Page", "", footer(document, letter === null), "Standard"),
    masterPage("Standard", letter === null ? header(document) : "", footer(document, true)),
    "</office:master-styles></office:document-styles>",
  ].join("");
}

function listStyle(name: string, open: (level: number) => string, kind: "bullet" | "number"): string {
  const levels = [1, 2].map((level) => {
    const [left, hanging] = level === 1 ? [5, 5] : [10.5, 5.5];
    const alignment = `<style:list-level-label-alignment text:label-followed-by="listtab" text:list-tab-stop-position="${left}mm" fo:text-indent="-${hanging}mm" fo:margin-left="${left}mm"/>`;
    const place = `<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">${alignment}</style:list-level-properties>`;
    return `${open(level)}${place}</text:list-level-style-${kind}>`;
  });
  return `<text:list-style style:name="${name}">${levels.join("")}</text:list-style>`;
}

/** Header and footer take room of their own between the edge and the text. */
function pageLayout(top: number): string {
  const page = attributes({
    "fo:page-width": "210mm",
    "fo:page-height": "297mm",
    "style:print-orientation": "portrait",
    "fo:margin-left": `${SIDE_MARGIN}mm`,
    "fo:margin-right": `${SIDE_MARGIN}mm`,
    "fo:margin-top": `${RUNNING}mm`,
    "fo:margin-bottom": `${RUNNING}mm`,
  });
  const running = (kind: "header" | "footer", room: number) =>
    `<style:${kind}-style><style:header-footer-properties fo:min-height="${room}mm" fo:margin-${kind === "header" ? 'bottom="4mm' : 'top="8mm'}"/></style:${kind}-style>`;
  return `<style:page-layout style:name="A4"><style:page-layout-properties${page}/>${running("header", top - RUNNING)}${running("footer", BOTTOM_MARGIN - RUNNING)}</style:page-layout>`;
}

function masterPage(name: string, head: string, foot: string, next?: string): string {
  const names = attributes({
    "style:name": name.replaceAll(" ", "_20_"),
    "style:display-name": name,
    "style:page-layout-name": "A4",
    "style:next-style-name": next,
  });
  return `<style:master-page${names}><style:header>${head === "" ? '<text:p text:style-name="Standard"/>' : head}</style:header><style:footer>${foot}</style:footer></style:master-page>`;
}

const header = ({ title, dateLine }: PreparedDocument): string =>
  `<text:p text:style-name="Header">${odfText(title)}<text:tab/>${odfText(dateLine)}</text:p>`;

function footer({ footer: words }: PreparedDocument, numbered: boolean): string {
  const number =
    '<text:tab/><text:page-number text:select-page="current">1</text:page-number>\u202f/\u202f<text:page-count>1</text:page-count>';
  return `<text:p text:style-name="Footer">${odfText(words)}${numbered ? number : ""}</text:p>`;
}
