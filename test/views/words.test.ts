import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

type Words = { [key: string]: string | Words };

const VIEWS = new URL("../../views/", import.meta.url);
const HOUSE = new URL("../../", import.meta.url);
const LANGUAGES = ["fr", "en"] as const;
const PLURAL = /_(?:zero|one|two|few|many|other)$/;

/** Values printed as they are, without escaping: the body of the page in its frame and what stands above it, drawings and Markdown made into HTML by our own code. */
const PRINTED_RAW = ["m.frame.body", "above", "block.html", "block.svg", "m.foreword.html"];

const folders = readdirSync(VIEWS).filter((folder) =>
  LANGUAGES.some((language) => existsSync(new URL(`${folder}/${language}.json`, VIEWS))),
);

/** Every word of a language by its full address: "reports.list.title" → "Rapports". */
function wordsIn(language: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (words: Words, at: string) => {
    for (const [key, value] of Object.entries(words)) {
      if (typeof value === "string") found.set(`${at}.${key}`, value);
      else walk(value, `${at}.${key}`);
    }
  };
  for (const folder of folders) walk(JSON.parse(readFileSync(new URL(`${folder}/${language}.json`, VIEWS), "utf8")), folder);
  return found;
}

/** The text of every file that matches, its comments left out, by its path from the root. */
function sources(pattern: string, comments: RegExp): [string, string][] {
  return globSync(pattern, { cwd: fileURLToPath(HOUSE) })
    .sort()
    .map((path) => [path, readFileSync(new URL(path, HOUSE), "utf8").replace(comments, "")]);
}

const templates = sources("views/**/*.ejs", /<%#[\s\S]*?%>/g);
const modules = sources("server/**/*.ts", /^\s*(?:\/\/|\/?\*).*$/gm);

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();

describe("the words of the interface", () => {
  const french = wordsIn("fr");
  const english = wordsIn("en");

  it("are the same in French and in English, folder by folder", () => {
    const keys = (words: Map<string, string>) => [...words.keys()].filter((key) => !key.endsWith("_many")).sort();
    expect(keys(english)).to.deep.equal(keys(french));
  });

  it("are never empty", () => {
    const empty = [...french, ...english].filter(([, text]) => text.trim() === "").map(([key]) => key);
    expect(empty).to.deep.equal([]);
  });

  it("speak of the same things in both languages", () => {
    const differing = [...french].filter(
      ([key, text]) => !PLURAL.test(key) && String(placeholders(text)) !== String(placeholders(english.get(key) ?? "")),
    );
    expect(differing.map(([key]) => key)).to.deep.equal([]);
  });

  it("keep French punctuation together: unbreakable spaces and curly apostrophes", () => {
    const careless = [...french].filter(([, text]) => / [:;!?»%]|« |[\p{L}]'[\p{L}]/u.test(text));
    expect(careless.map(([key, text]) => `${key}: ${text}`)).to.deep.equal([]);
  });

  it("exist wherever a page or a handler asks for one", () => {
    const known = new Set([...french.keys()].flatMap((key) => [key, key.replace(PLURAL, "")]));
    const missing: string[] = [];
    for (const [path, text] of [...templates, ...modules]) {
      for (const [, key] of text.matchAll(/\bt\(\s*["']([^"']+)["']/g)) if (!known.has(key!)) missing.push(`${path}: ${key}`);
      for (const [, key] of text.matchAll(/\bt\(\s*`([^`]+)`/g)) {
        const shape = new RegExp(
          `^${key!
            .split(/\$\{[^}]*\}/)
            .map(quoted)
            .join(".+")}$`,
        );
        if (![...known].some((word) => shape.test(word))) missing.push(`${path}: ${key}`);
      }
    }
    expect(missing).to.deep.equal([]);
  });
});

describe("the templates", () => {
  it("print nothing unescaped but other templates and what the list names", () => {
    const raw = templates.flatMap(([path, text]) =>
      [...text.matchAll(/<%-\s*([\s\S]*?)\s*-?%>/g)]
        .map(([, printed]) => printed!)
        .filter((printed) => !/^include\(/.test(printed) && !PRINTED_RAW.includes(printed))
        .map((printed) => `${path}: ${printed}`),
    );
    expect(raw).to.deep.equal([]);
  });

  it("hold no inline style, script or handler, which the content security policy would refuse", () => {
    const inline = templates.filter(([, text]) => /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:/i.test(text));
    expect(inline.map(([path]) => path)).to.deep.equal([]);
  });
});
