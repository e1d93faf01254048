import { randomUUID } from "node:crypto";
import { join } from "node:path";
import ejs from "ejs";
import express from "express";
import { openSqliteFile } from "../../db/database.ts";

// A child of the bench: the least a server could do. A page drawn by EJS with the same rows and as many bytes, from memory; a form saved by
// one durable transaction of three rows, with the database settings of the tool; a long text read from such a database and sent bare.
type Given = { rows: Record<string, string>[]; bytes: number; text: string };
const [folder] = process.argv.slice(2);

const file = openSqliteFile(join(folder!, "floor.db"), Buffer.alloc(32, 7));
file.exec(
  "create table a (id text primary key, v text); create table b (id integer primary key, v text); create table c (id integer primary key, v text)",
);
const a = file.prepare("insert into a values (?, ?) on conflict (id) do update set v = excluded.v");
const b = file.prepare("insert into b (v) values (?)");
const c = file.prepare("insert into c (v) values (?)");
const save = file.transaction((form: Record<string, string>) => {
  a.run(`${form.factor} ${form.subject}`, form.value);
  b.run(JSON.stringify(form));
  c.run(randomUUID());
});

const ROWS = `<% for (const row of m.rows) { %><tr><% for (const cell of Object.values(row)) { %><td><%= cell %></td><% } %></tr><% } %>`;
file.exec("create table text (id integer primary key, v text)");
const storeText = file.prepare("insert into text (v) values (?)");
const readText = file.prepare("select v from text where id = 1");
const PARAGRAPHS = "<!doctype html><title>Floor</title><% for (const paragraph of m.text.split('\\n')) { %><p><%= paragraph %></p><% } %>";
const bare = ejs.compile(PARAGRAPHS, { localsName: "m", _with: false, strict: true } as ejs.Options);

let page = ejs.compile("", { localsName: "m", _with: false, strict: true });
let rows: Given["rows"] = [];
process.on("message", (given: Given) => {
  rows = given.rows;
  storeText.run(given.text);
  const drawn = String(ejs.render(ROWS, { rows }, { localsName: "m", _with: false, strict: true } as ejs.Options)).length;
  const around = `<!doctype html><title>Floor</title><table>${ROWS}</table><!--${"x".repeat(Math.max(0, given.bytes - drawn - 60))}-->`;
  page = ejs.compile(around, { localsName: "m", _with: false, strict: true } as ejs.Options) as typeof page;
  process.send?.({ ready: true });
});

const app = express().disable("x-powered-by").set("etag", false);
app.get("/liste", (_request, response) => void response.type("html").send(page({ rows })));
app.get("/texte", (_request, response) => void response.type("html").send(bare({ text: (readText.get() as { v: string }).v })));
app.post("/valeur", express.urlencoded({ extended: false }), (request, response) => {
  save(request.body as Record<string, string>);
  response.json({ saved: true });
});
const server = app.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as { port: number }).port }));
