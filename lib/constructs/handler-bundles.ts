import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"
import { bundleOptions } from "./bundling.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "../..")
const handlers = join(root, "lambdas")

/** The folders of `lambdas/` that hold a handler: each is one function. */
export const handlerFolders: readonly string[] = readdirSync(handlers, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(handlers, entry.name)).includes("handler.ts"))
  .map(({ name }) => name)
  .sort()

let bundlesFolder: string | undefined

/**
 * Bundles all handlers in one call of esbuild, once in a process, so that shared code is parsed once. Each has its own folder.
 */
function bundles(): string {
  if (bundlesFolder !== undefined) return bundlesFolder
  const outdir = mkdtempSync(join(tmpdir(), "flash-sale-bundles-"))
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }))
  buildSync({
    ...bundleOptions,
    mainFields: [...bundleOptions.mainFields],
    external: [...bundleOptions.external],
    absWorkingDir: root,
    entryPoints: handlerFolders.map((folder) => ({ in: join(handlers, folder, "handler.ts"), out: join(folder, "handler") })),
    outdir,
  })
  bundlesFolder = outdir
  return outdir
}

/** The folder with the bundle of `lambdas/<folder>/handler.ts`: `handler.mjs` and its source map. */
export const bundleOf = (folder: string): string => join(bundles(), folder)
