import { expect } from "chai";
import fc from "fast-check";
import { typographic } from "../../server/exchange/typography.ts";
import { markdownToBlocks, markdownToHtml } from "../../server/publications/markdown.ts";

describe("the Markdown of publications", () => {
  it("prints paragraphs, lists, quotes and emphasis", () => {
    expect(markdownToHtml("Un **mot** et *un autre*.\n\n- a\n- b\n\n3. c\n\n> d")).to.equal(
      "<p>Un <strong>mot</strong> et <em>un autre</em>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" +
        '<ol start="3">\n<li>c</li>\n</ol>\n<blockquote>\n<p>d</p>\n</blockquote>',
    );
  });

  it("shows raw HTML as text", () => {
    const html = markdownToHtml('<script>alert(1)</script>\n\n<img src=x onerror="a()">\n\na <b>b</b>');
    expect(html)
      .to.contain("&lt;script&gt;")
      .and.not.match(/<(?:script|img|b)\b/);
  });

  for (const address of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#115;cript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "//other.example.org",
    "/\\other.example.org",
    "tel:17",
  ]) {
    it(`leaves a link to ${address} as text`, () => {
      expect(markdownToHtml(`[lien](${address})`)).to.not.contain("<a ");
    });
  }

  for (const address of [
    "https://example.org/a?b=1",
    "http://example.org",
    "mailto:a@example.org",
    "/publications/x",
    "#notes",
    "annexe.html",
  ]) {
    it(`keeps a link to ${address}`, () => {
      expect(markdownToHtml(`[lien](${address})`)).to.equal(`<p><a href="${address}">lien</a></p>`);
    });
  }

  it("gives a link with emphasis inside one name", () => {
    expect(markdownToHtml("[le **registre** public](/r)")).to.equal('<p><a href="/r">le <strong>registre</strong> public</a></p>');
  });

  it("shows an image as its description", () => {
    expect(markdownToHtml("![une *carte*](https://example.org/x.png)")).to.equal("<p>une *carte*</p>");
  });

  it("starts headings at the third level and never skips one", () => {
    const levels = (text: string) => markdownToBlocks(text).flatMap((block) => (block.kind === "heading" ? [block.level] : []));
    expect(levels("# a\n\n## b\n\n# c")).to.deep.equal([3, 4, 3]);
    expect(levels("### a\n\n###### b\n\n#### c\n\n## d")).to.deep.equal([3, 4, 4, 3]);
    expect(levels("# a\n\n## b\n\n### c\n\n#### d\n\n##### e")).to.deep.equal([3, 4, 5, 6, 6]);
    expect(levels("> # dans une citation")).to.deep.equal([]);
  });

  it("sets French spaces and apostrophes, and leaves figures, times, addresses and code alone", () => {
    expect(typographic("L'affaire : « oui » ; non ! vrai ? 12 % et n° 4", "fr")).to.equal(
      "L’affaire\u00a0: «\u00a0oui\u00a0»\u202f; non\u202f! vrai\u202f? 12\u00a0% et n°\u00a04",
    );
    expect(typographic("à 12:30, 3 500 actes, http://a.fr/?b", "fr")).to.equal("à 12:30, 3 500 actes, http://a.fr/?b");
    expect(typographic("It's 12 % : so", "en")).to.equal("It’s 12 % : so");
    expect(markdownToHtml("`a ; b'c`")).to.equal("<p><code>a ; b&#39;c</code></p>");
  });

  it("never prints an element or an attribute of its own accord, whatever is typed", () => {
    const allowed =
      /<\/?(?:p|h[3-6]|ul|li|blockquote|pre|code|strong|em)>|<ol(?: start="\d+")?>|<\/ol>|<hr>|<br>|<a href="[^"<>]*">|<\/a>/g;
    const pieces = fc.constantFrom(
      "<",
      ">",
      '"',
      "'",
      "&",
      "[",
      "](",
      ")",
      "!",
      "*",
      "_",
      "`",
      "\n",
      "# ",
      "- ",
      "> ",
      "a",
      " ",
      "javascript:",
      "<a b=c>",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(markdownToHtml(parts.join("")).replace(allowed, "")).to.not.match(/[<>"]/);
      }),
      { numRuns: 300 },
    );
  });
});
