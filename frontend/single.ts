/** Puts the built script and style into the one file that the Python package carries. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

const LIMIT = 1.5e6; // bytes of the page

/** Every file that the page is made of: what a change of which makes another page. */
export function sources(root: string): string[] {
  const found = ["package-lock.json", "package.json", "single.ts", "template.html", "tsconfig.json", "vite.config.ts"];
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) walk(path);
      else if (!/\.test\.tsx?$/.test(name)) found.push(relative(root, path).split(sep).join("/"));
    }
  };
  walk(join(root, "src"));
  return found.sort();
}

/** SHA-256 of names and contents; tests/reporting/test_build.py computes the same. */
export function fingerprint(root: string): string {
  const hash = createHash("sha256");
  for (const path of sources(root)) {
    hash.update(`${path}\0`).update(readFileSync(join(root, path))).update("\0");
  }
  return hash.digest("hex");
}

const csp = (text: string): string => `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;

export function single(root: string, target: string): Plugin {
  return {
    name: "single-file",
    enforce: "post",
    generateBundle(_, bundle) {
      let script = "";
      let style = "";
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === "chunk") script += file.code;
        else if (name.endsWith(".css")) style += String(file.source);
        delete bundle[name];
      }
      if (/<\/(script|style)/i.test(script + style)) this.error("the bundle would end its own element");
      const parts: Record<string, string> = {
        SCRIPT_HASH: csp(script),
        STYLE_HASH: csp(style),
        SOURCES: fingerprint(root),
        STYLE: style,
        SCRIPT: script,
      };
      const template = readFileSync(join(root, "template.html"), "utf8");
      const page = template.replace(/%([A-Z_]+)%/g, (_match, name: string) => parts[name]);
      if (page.length > LIMIT) this.error(`the page has ${page.length} bytes, and may have ${LIMIT}`);
      writeFileSync(target, page);
      this.info(`${relative(root, target)}: ${Math.round(page.length / 1024)} kB`);
    },
  };
}
