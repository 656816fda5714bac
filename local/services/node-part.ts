import { fileURLToPath } from "node:url"
import { type Part, plainEnvironment } from "./part.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** How Node runs a source file of this repository. */
export const nodeArguments = (entry: string): string[] => ["--import", `${root}local/text-modules.mjs`, `${root}${entry}`]

export interface NodePartOptions {
  readonly name: string
  /** The file to run, relative to the root of the repository. */
  readonly entry: string
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
}

/** One of our own processes. It prints a line when it is ready. At SIGTERM it finishes what is in flight and ends. */
export const nodePart = ({ name, entry, port, environment }: NodePartOptions): Part => ({
  name,
  port,
  stopSignal: "SIGTERM",
  command: { file: process.execPath, args: nodeArguments(entry), env: { ...plainEnvironment(), ...environment } },
  isHealthy: async (printed) => printed.split("\n").some(saysReady),
})

function saysReady(line: string): boolean {
  if (!line.includes("ready")) return false
  if (line.trim() === "ready") return true
  try {
    return (JSON.parse(line) as { message?: unknown }).message === "ready"
  } catch {
    return false
  }
}
