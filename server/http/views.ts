import { readFileSync } from "node:fs";
import { join } from "node:path";
import ejs from "ejs";

export const VIEWS = join(import.meta.dirname, "../../views");

/** A page ready to be drawn: one .ejs file and the only shape it accepts. */
export type View = {
  path: string;
  title: string;
  model: object;
  /** Full-width workspace. */
  wide: boolean;
  /** For somebody who came by a personal link: a frame that leads nowhere inside, whoever is signed in. */
  bare: boolean;
  /** The page depends on its model and on the language alone (no form to post): the same model is drawn once. */
  repeatable: boolean;
  /** Module scripts of the page, as addresses. */
  scripts: readonly string[];
  status: number;
};

/** Ties one .ejs file to the only model it accepts. */
export const template =
  <Model extends object>(
    path: string,
    options: { wide?: boolean; bare?: boolean; repeatable?: boolean; scripts?: readonly string[] } = {},
  ) =>
  (title: string, model: Model, status = 200): View => ({
    path,
    title,
    model,
    wide: options.wide ?? false,
    bare: options.bare ?? false,
    repeatable: options.repeatable ?? false,
    scripts: options.scripts ?? [],
    status,
  });

// EJS looks on the disk for every include of every page drawn, unless its name starts at the root.
ejs.fileLoader = (path) => readFileSync(path, "utf8").replace(/\binclude\((["'`])(?=[a-z])/g, "include($1/");

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
const SPECIAL = /[&<>"']/;
/** What `<%= %>` prints: most texts hold nothing to escape and are printed as they are. */
const escapeHtml = (value: unknown): string => {
  const text = value === undefined || value === null ? "" : String(value);
  return SPECIAL.test(text) ? text.replace(/[&<>"']/g, (c) => ENTITIES[c]!) : text;
};

const compiled = new Map<string, ejs.TemplateFunction>();

/** Draws one file with `m` as its only local. Files are compiled once. */
export function draw(path: string, m: object): string {
  let render = compiled.get(path);
  if (!render) {
    const filename = join(VIEWS, `${path}.ejs`);
    render = ejs.compile(String(ejs.fileLoader(filename)), {
      filename,
      views: [VIEWS],
      root: VIEWS,
      cache: true,
      strict: true,
      localsName: "m",
      _with: false,
      escape: escapeHtml,
      unsafePrototypeLocals: true, // models are ours: copying each before drawing it would only cost time
    } as ejs.Options) as ejs.TemplateFunction;
    compiled.set(path, render);
  }
  return render(m as ejs.Data);
}

/** A model that throws on a name it lacks: a misspelt name would otherwise print nothing. */
export const strictModel = <Model extends object>(model: Model, path: string): Model =>
  new Proxy(model, {
    get(target, name) {
      if (typeof name === "string" && !(name in target)) throw new Error(`The page ${path} asks for m.${name}, which its model lacks`);
      return Reflect.get(target, name);
    },
  });

const drawn = new WeakMap<object, Map<string, Buffer>>();

/** Draws a repeatable page, or gives what it was drawn as before (UTF-8): by its model, the object itself, and the language. */
export function drawOnce(path: string, model: object, language: string, m: object): Buffer {
  const known = drawn.get(model) ?? new Map<string, Buffer>();
  drawn.set(model, known);
  const bytes = known.get(language) ?? Buffer.from(draw(path, m));
  known.set(language, bytes);
  return bytes;
}
