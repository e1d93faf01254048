import { type Zippable, zipSync } from "fflate";

/** A ZIP with the parts in the order given, all dated 1 January 1980: the same parts give the same bytes. `stored` parts stay uncompressed. */
export function archive(parts: [path: string, content: string | Uint8Array][], stored: string[] = []): Uint8Array {
  const encoder = new TextEncoder();
  const files: Zippable = {};
  for (const [path, content] of parts) {
    // ZIP dates have no time zone: these are read back by fflate in the zone they were made in.
    const options = { mtime: new Date(1980, 0, 1), level: stored.includes(path) ? (0 as const) : (6 as const) };
    files[path] = [typeof content === "string" ? encoder.encode(content) : content, options];
  }
  return zipSync(files);
}
