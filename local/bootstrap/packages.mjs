import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runStep } from "./commands.mjs"
import { lockfileNote, root, stateFolder } from "./paths.mjs"
import { Missing, say } from "./say.mjs"

const lockfile = join(root, "package-lock.json")
/** npm writes this one last; newer than the lockfile it means that someone ran npm by hand. */
const installed = join(root, "node_modules", ".package-lock.json")

const noted = () => (existsSync(lockfileNote) ? readFileSync(lockfileNote, "utf8").trim() : "")

/**
 * Installs the packages of the lockfile if they are not the ones installed last.
 * @throws Missing when npm fails, for want of a network for instance.
 */
export async function ensurePackages() {
  const hash = createHash("sha256").update(readFileSync(lockfile)).digest("hex")
  const present = existsSync(installed)
  if (present && noted() === hash) return
  const byHand = present && statSync(installed).mtimeMs > statSync(lockfile).mtimeMs
  if (!byHand) {
    say(present ? "package-lock.json has changed" : "node_modules is not there yet")
    const { ok } = await runStep("npm ci", "npm", ["ci", "--no-audit", "--no-fund"], { cwd: root })
    if (!ok)
      throw new Missing({
        tool: "npm packages",
        why: "the system is made of them; package-lock.json names every one",
        byHand: "run `npm ci` where the npm registry can be reached",
      })
  }
  mkdirSync(stateFolder, { recursive: true })
  writeFileSync(lockfileNote, `${hash}\n`)
}
