import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { single } from "./single";

const root = fileURLToPath(new URL(".", import.meta.url));
const page = fileURLToPath(new URL("../src/chainrule/reporting/page.html", import.meta.url));

export default defineConfig({
  root,
  plugins: [single(root, page)],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    write: false,
    cssCodeSplit: false,
    modulePreload: false,
    rollupOptions: { input: "src/main.tsx", output: { format: "iife" } },
  },
  test: { environment: "happy-dom" },
});
