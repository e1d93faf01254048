import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const onPath = (): string | null => {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name);
  return null;
};

const elsewhere = (): string | null =>
  [
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ].find((path) => existsSync(path)) ?? null;

/**
 * The browser of the browser journey: CHROMIUM, else one on this machine, else Debian's package where it may be installed.
 * Ends the process with a sentence when there is none.
 */
export function findOrInstallChromium(): string {
  const given = process.env.CHROMIUM;
  if (given) {
    if (existsSync(given)) return given;
    console.error(`CHROMIUM names a file that does not exist: ${given}`);
    process.exit(1);
  }
  const found = onPath() ?? elsewhere();
  if (found) return found;
  if (existsSync("/usr/bin/apt-get") && process.getuid?.() === 0) {
    console.log("\n$ apt-get install chromium");
    const quiet = {
      stdio: ["ignore", "ignore", "inherit"] as ("ignore" | "inherit")[],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    };
    spawnSync("apt-get", ["update", "-qq"], quiet);
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet);
    const installed = onPath();
    if (installed) return installed;
  }
  console.error(
    "The browser journey needs Chromium or Chrome and none was found.\nInstall one (Debian, Ubuntu: sudo apt-get install chromium; elsewhere: Google Chrome), or name it: CHROMIUM=/path/to/chrome npm test",
  );
  process.exit(1);
}
