import { existsSync, readdirSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { aptInstall } from "./apt.mjs"
import { outputOf } from "./commands.mjs"
import { isExecutable, onPath } from "./paths.mjs"
import { Missing } from "./say.mjs"

const neededMajor = 15
const debianFolder = "/usr/lib/postgresql"

const majorOf = (file) => Number(/\(PostgreSQL\) (\d+)/.exec(outputOf(file, ["--version"]) ?? "")?.[1] ?? 0)

/** PATH first, then Debian's folders, the newest first: Debian does not put the servers on PATH. */
function findBin() {
  const linked = onPath("postgres").map((file) => dirname(realpathSync(file)))
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : []
  return [...linked, ...versions.map((version) => join(debianFolder, version, "bin"))].find(
    (folder) => isExecutable(join(folder, "initdb")) && majorOf(join(folder, "postgres")) >= neededMajor,
  )
}

/** The folder with postgres and initdb. @throws Missing */
export async function ensurePostgres() {
  const found = findBin()
  if (found) return found
  const tried = await aptInstall("postgresql")
  const installed = findBin()
  if (installed) return installed
  throw new Missing({
    tool: `PostgreSQL ${neededMajor} or newer (the server)`,
    why: "it keeps the truth of the sale: stock, reservations, ledger",
    tried: tried ?? "apt-get install postgresql, but it brought an older one",
    byHand: "apt-get install postgresql, or https://www.postgresql.org/download; put postgres and initdb on PATH",
  })
}
