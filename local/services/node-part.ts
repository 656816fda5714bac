import { fileURLToPath } from "node:url"
import { type Part, plainEnvironment } from "./part.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** How Node runs a source file of this repository. */
export const nodeArguments = (entry: string): string[] => ["--import", `${root}local/text-modules.mjs`, `${root}${entry}`]

export interface NodePartOptions {
  /** Variables that a restart has beside the others, or with other values. */
  readonly atRestart?: Readonly<Record<string, string>>
  readonly name: string
  /** The file to run, relative to the root of the repository. */
  readonly entry: string
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
  readonly niceness?: number | undefined
}

/** One of our own processes. It prints a line when it is ready. At SIGTERM it finishes what is in flight and ends. */
export function nodePart({ name, entry, port, environment, atRestart, niceness }: NodePartOptions): Part {
  const command = { file: process.execPath, args: nodeArguments(entry), env: { ...plainEnvironment(), ...environment } }
  return {
    name,
    port,
    stopSignal: "SIGTERM",
    command,
    ...(niceness !== undefined && { niceness }),
    ...(atRestart && { restartCommand: { ...command, env: { ...command.env, ...atRestart } } }),
    isHealthy: async (printed) => printed.split("\n").some(saysReady),
  }
}

function saysReady(line: string): boolean {
  if (!line.includes("ready")) return false
  if (line.trim() === "ready") return true
  try {
    return (JSON.parse(line) as { message?: unknown }).message === "ready"
  } catch {
    return false
  }
}
