// The first step of every npm script. It is plain JavaScript without dependencies, because a new machine has only Node 20 and
// this clone.
import { constants } from "node:os"
import { commands } from "./command-table.mjs"
import { findNode24 } from "./node24.mjs"
import { ensurePackages } from "./packages.mjs"
import { ensurePage } from "./page.mjs"
import { runInTurn } from "./run-in-turn.mjs"
import { Missing, say } from "./say.mjs"
import { ensureTools } from "./tools.mjs"

const neededMajor = 20
const [name = "", ...args] = process.argv.slice(2)
const command = commands[name]

async function main() {
  if (Number(process.versions.node.split(".")[0]) < neededMajor) {
    throw new Missing({
      tool: `Node.js ${neededMajor} or newer (this is ${process.versions.node})`,
      why: "it starts everything else; Node 24, which the system runs on, is then installed with the npm packages",
      byHand: "https://nodejs.org/en/download",
    })
  }
  if (command === undefined) {
    say(`There is no command "${name}". Commands: ${Object.keys(commands).join(", ")}`)
    return 1
  }
  await ensurePackages()
  const node = findNode24()
  const needsServers = typeof command.needsServers === "function" ? command.needsServers(args) : command.needsServers
  const asksForHelp = args.some((arg) => arg === "--help" || arg === "-h")
  if (needsServers && !asksForHelp) process.env.FLASH_SALE_TOOLS = await ensureTools({ browser: command.needsBrowser === true })
  if (command.needsPage === true && !asksForHelp) await ensurePage(node)
  return await runInTurn(command.steps(args).map((step) => [node, ...step]))
}

try {
  const outcome = await main()
  process.exitCode = typeof outcome === "number" ? outcome : 128 + (constants.signals[outcome] ?? 0)
} catch (error) {
  if (!(error instanceof Missing)) throw error
  console.error(error.message)
  process.exitCode = 1
}
