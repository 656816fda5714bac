import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The build of the shop's page (web/vite.config.ts). */
export const pageBuild = join(dirname(fileURLToPath(import.meta.url)), "../../web/dist")

/** A file of the page's build, as text. @throws Error that says how to build the page */
export function builtFile(name: string): string {
  const file = join(pageBuild, name)
  if (!existsSync(file)) throw new Error(`The shop's page is not built: ${name} is missing. Build it: npm run build:web`)
  return readFileSync(file, "utf8")
}
