import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import { precompress } from "./build/precompress.ts"

const page = (name: string) => fileURLToPath(new URL(`${name}.html`, import.meta.url))

/**
 * The page's build, into `web/dist`: `index.html`, the static pages `paused.html` and `busy.html`, and files under `assets/` with
 * their hash in the name. Nothing is inline, for the content security policy allows no inline script or style.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [precompress()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Phones of the last four years.
    target: ["chrome111", "safari16.4", "firefox114"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: page("index"), paused: page("paused"), busy: page("busy") } },
  },
})
