import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runStep } from "./commands.mjs"
import { lockfileNote, root, stateFolder } from "./paths.mjs"
import { Missing, say } from "./say.mjs"

const lockfile = join(root, "package-lock.json")
/** npm writes this file last. If it is newer than the lockfile, the user ran npm by hand. */
const installed = join(root, "node_modules", ".package-lock.json")

const noted = () => (existsSync(lockfileNote) ? readFileSync(lockfileNote, "utf8").trim() : "")

/**
 * Installs the packages of the lockfile unless they are installed already.
 * @throws Missing when npm fails, for example without a network.
 */
export async function ensurePackages() {
  const hash = createHash("sha256").update(readFileSync(lockfile)).digest("hex")
  const present = existsSync(installed)
  if (present && noted() === hash) return
  const byHand = present && statSync(installed).mtimeMs > statSync(lockfile).mtimeMs
  if (!byHand) {
    say(present ? "package-lock.json has changed" : "there is no node_modules folder yet")
    const { ok } = await runStep("npm ci", "npm", ["ci", "--no-audit", "--no-fund"], { cwd: root })
    if (!ok)
      throw new Missing({
        tool: "npm packages",
        why: "the system needs them; package-lock.json lists every one",
        byHand: "run `npm ci` where the npm registry can be reached",
      })
  }
  mkdirSync(stateFolder, { recursive: true })
  writeFileSync(lockfileNote, `${hash}\n`)
}
