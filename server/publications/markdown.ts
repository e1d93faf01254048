import MarkdownIt from "markdown-it";
import { typographic } from "../exchange/typography.ts";

/**
 * The text blocks of publications: a small, safe part of Markdown (paragraphs, headings, lists, quotes, emphasis, links), parsed once into a
 * tree from which both the web page and the PDF are drawn. Raw HTML stays text, images become their description, and a link that is not
 * http(s), mailto or relative stays as it was typed.
 */
export type Language = "fr" | "en";

export type Run =
  | { kind: "text"; text: string; strong: boolean; emphasis: boolean; code: boolean; href: string | null }
  | { kind: "break" };

export type HeadingLevel = 3 | 4 | 5 | 6;

export type MarkdownBlock =
  | { kind: "paragraph"; runs: Run[] }
  | { kind: "heading"; level: HeadingLevel; runs: Run[] }
  | { kind: "list"; ordered: boolean; start: number; items: MarkdownBlock[][] }
  | { kind: "quote"; blocks: MarkdownBlock[] }
  | { kind: "code"; text: string }
  | { kind: "rule" };

/** Relative addresses may not start with two slashes, which would lead to another host. */
const ALLOWED_LINK = /^(?:https?:\/\/[^/]|mailto:[^/]|\/(?![/\\]|%5c)|[#?]|[^:/?#\\]+(?:[/?#]|$))/i;

const parser = new MarkdownIt("commonmark", { html: false, linkify: false, typographer: false });
type Token = ReturnType<typeof parser.parse>[number];

parser.validateLink = (url) => ALLOWED_LINK.test(url.trim());

/**
 * Parses a text block. Heading levels are settled here: the first level used becomes 3, and no level is ever skipped, whatever the author
 * typed, so that the outline of the page and of the PDF holds. A heading inside a list or a quote is set as a bold paragraph.
 */
export function markdownToBlocks(text: string, language: Language = "fr"): MarkdownBlock[] {
  const tokens = parser.parse(text, {});
  return new Reader(tokens, language).blocks(null);
}

/** The same tree as HTML: only the elements written below, every text escaped. Safe to print unescaped in a page. */
export function markdownToHtml(text: string, language: Language = "fr"): string {
  return markdownToBlocks(text, language).map(blockHtml).join("\n");
}

/** Walks the flat token list of markdown-it. A class only because the position is shared by the mutually recursive readers. */
class Reader {
  private position = 0;
  private readonly tokens: Token[];
  private readonly language: Language;
  /** Levels typed by the author from the outermost to the current one; its length gives the level printed. */
  private readonly outline: number[] = [];

  constructor(tokens: Token[], language: Language) {
    this.tokens = tokens;
    this.language = language;
  }

  /** Reads blocks up to the token of the given type, which is consumed; to the end for null. */
  blocks(until: string | null): MarkdownBlock[] {
    const nested = until !== null;
    const found: MarkdownBlock[] = [];
    for (let token = this.next(); token !== undefined && token.type !== until; token = this.next()) {
      const block = this.block(token, nested);
      if (block !== null) found.push(block);
    }
    return found;
  }

  private next(): Token | undefined {
    return this.tokens[this.position++];
  }

  private block(token: Token, nested: boolean): MarkdownBlock | null {
    switch (token.type) {
      case "paragraph_open":
        return { kind: "paragraph", runs: this.inline("paragraph_close") };
      case "heading_open": {
        const runs = this.inline("heading_close");
        if (runs.length === 0) return null;
        if (nested) return { kind: "paragraph", runs: runs.map((run) => (run.kind === "text" ? { ...run, strong: true } : run)) };
        return { kind: "heading", level: this.level(Number(token.tag.slice(1))), runs };
      }
      case "bullet_list_open":
        return { kind: "list", ordered: false, start: 1, items: this.items("bullet_list_close") };
      case "ordered_list_open":
        return { kind: "list", ordered: true, start: Number(token.attrGet("start") ?? 1), items: this.items("ordered_list_close") };
      case "blockquote_open":
        return { kind: "quote", blocks: this.blocks("blockquote_close") };
      case "fence":
      case "code_block":
        return { kind: "code", text: token.content.replace(/\n$/, "") };
      case "hr":
        return { kind: "rule" };
      default:
        return null;
    }
  }

  private items(until: string): MarkdownBlock[][] {
    const items: MarkdownBlock[][] = [];
    for (let token = this.next(); token !== undefined && token.type !== until; token = this.next()) {
      if (token.type === "list_item_open") items.push(this.blocks("list_item_close"));
    }
    return items;
  }

  private level(typed: number): HeadingLevel {
    while (this.outline.length > 0 && this.outline[this.outline.length - 1]! >= typed) this.outline.pop();
    this.outline.push(typed);
    return Math.min(2 + this.outline.length, 6) as HeadingLevel;
  }

  private inline(until: string): Run[] {
    const runs: Run[] = [];
    for (let token = this.next(); token !== undefined && token.type !== until; token = this.next()) {
      if (token.type === "inline") runs.push(...this.runs(token.children ?? []));
    }
    return runs;
  }

  private runs(tokens: Token[]): Run[] {
    const runs: Run[] = [];
    let strong = 0;
    let emphasis = 0;
    let href: string | null = null;
    const say = (text: string, code = false) => {
      if (text === "") return;
      const last = runs.at(-1);
      const same =
        last?.kind === "text" && last.strong === strong > 0 && last.emphasis === emphasis > 0 && last.code === code && last.href === href;
      if (same) last.text += text;
      else runs.push({ kind: "text", text, strong: strong > 0, emphasis: emphasis > 0, code, href });
    };
    for (const token of tokens) {
      if (token.type === "text" || token.type === "image") say(token.content);
      else if (token.type === "softbreak") say(" ");
      else if (token.type === "hardbreak") runs.push({ kind: "break" });
      else if (token.type === "code_inline") say(token.content, true);
      else if (token.type === "strong_open") strong += 1;
      else if (token.type === "strong_close") strong -= 1;
      else if (token.type === "em_open") emphasis += 1;
      else if (token.type === "em_close") emphasis -= 1;
      else if (token.type === "link_open") href = linkOf(token);
      else if (token.type === "link_close") href = null;
    }
    return runs.map((run) => (run.kind === "text" && !run.code ? { ...run, text: typographic(run.text, this.language) } : run));
  }
}

const linkOf = (token: Token): string | null => {
  const href = token.attrGet("href");
  return href === null ? null : String(href);
};

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);

function blockHtml(block: MarkdownBlock): string {
  switch (block.kind) {
    case "paragraph":
      return `<p>${runsHtml(block.runs)}</p>`;
    case "heading":
      return `<h${block.level}>${runsHtml(block.runs)}</h${block.level}>`;
    case "list": {
      const start = block.ordered && block.start !== 1 ? ` start="${block.start}"` : "";
      const tag = block.ordered ? "ol" : "ul";
      return `<${tag}${start}>\n${block.items.map((item) => `<li>${itemHtml(item)}</li>`).join("\n")}\n</${tag}>`;
    }
    case "quote":
      return `<blockquote>\n${block.blocks.map(blockHtml).join("\n")}\n</blockquote>`;
    case "code":
      return `<pre><code>${escapeHtml(block.text)}</code></pre>`;
    case "rule":
      return "<hr>";
  }
}

/** A list item that is one paragraph is printed without its own paragraph element. */
function itemHtml(blocks: MarkdownBlock[]): string {
  const [first, ...rest] = blocks;
  if (first?.kind !== "paragraph" || rest.some((block) => block.kind === "paragraph")) return blocks.map(blockHtml).join("\n");
  return [runsHtml(first.runs), ...rest.map(blockHtml)].join("\n");
}

/** Neighbouring runs of one link share one element, so that the link is read out once, under its whole name. */
function runsHtml(runs: Run[]): string {
  let html = "";
  let open: string | null = null;
  for (const run of runs) {
    const href: string | null = run.kind === "text" ? run.href : open;
    if (href !== open) {
      if (open !== null) html += "</a>";
      if (href !== null) html += `<a href="${escapeHtml(href)}">`;
      open = href;
    }
    html += runHtml(run);
  }
  return open === null ? html : `${html}</a>`;
}

function runHtml(run: Run): string {
  if (run.kind === "break") return "<br>";
  let html = escapeHtml(run.text);
  if (run.code) html = `<code>${html}</code>`;
  if (run.emphasis) html = `<em>${html}</em>`;
  if (run.strong) html = `<strong>${html}</strong>`;
  return html;
}
