import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runStep } from "./commands.mjs"
import { root, stateFolder } from "./paths.mjs"

/** What the build reads: the page, the contracts that it imports, and the versions of its libraries. */
const sources = ["web", "core/contracts", "core/domain", "package-lock.json", "tsconfig.json"]
const built = join(root, "web", "dist", "index.html")
const note = join(stateFolder, "page-sources.sha256")

const isBuilt = (path) => path.startsWith(join("web", "dist"))

function filesOf(path) {
  const entries = path.endsWith(".json") ? [] : readdirSync(join(root, path), { withFileTypes: true, recursive: true })
  const inside = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  return path.endsWith(".json") ? [path] : inside.filter((file) => !isBuilt(file)).sort()
}

function hashOfSources() {
  const hash = createHash("sha256")
  for (const file of sources.flatMap(filesOf))
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
  return hash.digest("hex")
}

const noted = () => (existsSync(note) ? readFileSync(note, "utf8").trim() : "")

/**
 * Builds the shop's page into `web/dist` unless the build of these sources is there already.
 * @param {string} node the Node that runs the build
 * @throws Error when the build fails; its output is printed before.
 */
export async function ensurePage(node) {
  const hash = hashOfSources()
  if (existsSync(built) && noted() === hash) return
  const vite = join("node_modules", "vite", "bin", "vite.js")
  const { ok } = await runStep("the shop's page", node, [vite, "build", "--config", "web/vite.config.ts"], { cwd: root })
  if (!ok) throw new Error("The shop's page was not built. Correct the fault that is printed above, and run the command again.")
  mkdirSync(stateFolder, { recursive: true })
  writeFileSync(note, `${hash}\n`)
}
