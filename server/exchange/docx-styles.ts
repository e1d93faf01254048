import { convertMillimetersToTwip, type INumberingOptions, type IParagraphStyleOptions, type IStylesOptions } from "docx";
import { BLACK, BODY_SIZE, FACE, GREY, HAIR, HEADINGS, INK, PALE, PARAGRAPH_SPACE } from "./office-look.ts";
import { RECIPIENT, TEXT_WIDTH } from "./prepare.ts";

export const mm = convertMillimetersToTwip;
/** Points as twentieths, as Word counts space. */
const points = (size: number): number => Math.round(size * 20);
/** Points as halves, as Word counts type sizes. */
const half = (size: number): number => Math.round(size * 2);
const line = (color: string, size: number, space = 0) => ({ style: "single" as const, color, size, space });
/** The end of the text's line, where a tab sets dates and page numbers. */
const END_OF_LINE = { rightTabStop: mm(TEXT_WIDTH) };
/** Indents of the two levels of lists, in millimetres. */
const LEVELS = [5, 10.5] as const;
const list = (level: 0 | 1) => ({
  spacing: { after: points(3) },
  indent: { left: mm(LEVELS[level]), hanging: mm(LEVELS[level] - (LEVELS[level - 1] ?? 0)) },
});

/** Styles of the document, named as Word names them wherever Word has one. */
export function docxStyles(language: "fr" | "en"): IStylesOptions {
  const heading = ({ size, before, after, color, bold, italic }: (typeof HEADINGS)[number]) => ({
    basedOn: "Normal",
    next: "BodyText",
    run: { size: half(size), color, bold, italics: italic },
    paragraph: {
      spacing: { before: points(before), after: points(after), line: 252, lineRule: "auto" as const },
      keepNext: true,
      keepLines: true,
    },
  });
  const style = (
    id: string,
    name: string,
    paragraph: NonNullable<IParagraphStyleOptions["paragraph"]>,
    run: NonNullable<IParagraphStyleOptions["run"]> = {},
    basedOn = "Normal",
  ): IParagraphStyleOptions => ({ id, name, basedOn, quickFormat: true, paragraph, run });
  const callout = {
    // Above and below, lines of the ground's own colour: room for the text inside.
    border: { left: line(INK, 18, 8), top: line(PALE, 4, 5), bottom: line(PALE, 4, 5), right: line(PALE, 4, 6) },
    shading: { type: "clear" as const, color: "auto", fill: PALE },
    indent: { left: mm(4), right: mm(2.5) },
  };
  const small = { size: half(8.5), color: GREY };
  return {
    default: {
      document: {
        run: { font: FACE, size: half(BODY_SIZE), color: BLACK, language: { value: language === "fr" ? "fr-FR" : "en-GB" } },
        paragraph: { spacing: { line: 276, lineRule: "auto", after: 0 } },
      },
      title: {
        basedOn: "Normal",
        next: "Subtitle",
        run: { size: half(25), bold: true, color: INK },
        paragraph: { spacing: { before: points(30), after: points(8), line: 252, lineRule: "auto" }, keepNext: true },
      },
      heading1: heading(HEADINGS[0]),
      heading2: heading(HEADINGS[1]),
      heading3: heading(HEADINGS[2]),
      heading4: heading(HEADINGS[3]),
      caption: {
        basedOn: "Normal",
        run: { size: half(9.5), bold: true, italics: false, color: BLACK },
        paragraph: { spacing: { before: points(14), after: points(5) }, keepNext: true },
      },
      hyperlink: { run: { color: INK, underline: { type: "single", color: HAIR } } },
    },
    paragraphStyles: [
      style("BodyText", "Body Text", { spacing: { after: points(PARAGRAPH_SPACE) } }),
      style("Small", "Small Text", { spacing: { before: points(2), after: points(PARAGRAPH_SPACE) } }, small),
      style("Subtitle", "Subtitle", { spacing: { after: points(26) } }, { size: half(13.5), color: GREY }),
      style(
        "Imprint",
        "Imprint",
        { ...END_OF_LINE, border: { bottom: line(INK, 12, 6) }, spacing: { after: points(10) } },
        { bold: true, color: INK, size: half(10) },
      ),
      style("Header", "header", { ...END_OF_LINE, border: { bottom: line(HAIR, 4, 4) } }, small),
      style("Footer", "footer", END_OF_LINE, small),
      style(
        "TOCHeading",
        "TOC Heading",
        { spacing: { before: points(6), after: points(6) }, keepNext: true },
        { bold: true, color: INK, size: half(10) },
      ),
      style("TOC1", "toc 1", { spacing: { before: points(5), after: points(2) } }, { bold: true, size: half(10) }),
      style("TOC2", "toc 2", { indent: { left: mm(4) }, spacing: { after: points(2) } }, { size: half(10) }),
      style("ListBullet", "List Bullet", list(0)),
      style("ListBullet2", "List Bullet 2", list(1)),
      style("ListNumber", "List Number", list(0)),
      style("ListNumber2", "List Number 2", list(1)),
      style(
        "TableHeading",
        "Table Heading",
        { spacing: { line: 252, lineRule: "auto" as const }, keepNext: true },
        { bold: true, size: half(8.5) },
      ),
      style("TableContents", "Table Contents", { spacing: { line: 252, lineRule: "auto" as const } }, { size: half(9) }),
      style("AfterTable", "After Table", { spacing: { line: 160, lineRule: "exact", after: points(4) } }, { size: 8 }),
      style("Definition", "Definition", { spacing: { after: points(4) } }),
      style(
        "CalloutTitle",
        "Callout Title",
        { ...callout, spacing: { before: points(6), after: points(3) }, keepNext: true },
        { bold: true, color: INK, size: half(9) },
      ),
      style("Callout", "Callout", { ...callout, spacing: { before: points(3), after: points(3) } }),
      style("Quote", "Quote", { border: { left: line(HAIR, 12, 8) }, indent: { left: mm(4) }, spacing: { after: points(4) } }),
      style("QuoteSource", "Quote Source", { spacing: { after: points(PARAGRAPH_SPACE) } }, small, "Quote"),
      style("SenderName", "Sender Name", { spacing: { after: points(2) } }, { bold: true, color: INK, size: half(11) }),
      style("Sender", "Sender", {}, { color: GREY, size: half(9) }),
      style("Recipient", "Recipient", { indent: { left: mm(RECIPIENT.left) } }),
      style("PlaceAndDate", "Place and Date", { indent: { left: mm(RECIPIENT.left) }, spacing: { before: points(28), after: points(30) } }),
      style("Particulars", "Particulars", { spacing: { after: points(2) } }, { color: GREY, size: half(9) }),
      style("Subject", "Subject", { spacing: { before: points(2), after: points(22) } }, { bold: true }),
      style("Signature", "Signature", { indent: { left: mm(RECIPIENT.left) }, keepLines: true }),
    ],
    characterStyles: [{ id: "Term", name: "Term", basedOn: "DefaultParagraphFont", run: { bold: true, size: half(9) } }],
  };
}

/** The two kinds of lists; each list of the document is an instance of one, so that its numbers start at 1. */
export const NUMBERING: INumberingOptions = {
  config: (["bullets", "numbers"] as const).map((reference) => ({
    reference,
    levels: ([0, 1] as const).map((level) => ({
      level,
      format: reference === "bullets" ? "bullet" : "decimal",
      text: reference === "bullets" ? "–" : `%${level + 1}.`,
      alignment: "left",
      style: { paragraph: list(level), run: reference === "bullets" ? { color: INK } : {} },
    })),
  })),
};
