import { spawn } from "node:child_process"
import { once } from "node:events"
import { nodeArguments } from "../services/node-part.ts"
import { plainEnvironment } from "../services/part.ts"

/** Options with a value as a command line. */
export const argumentsOf = (options: Readonly<Record<string, string | number | undefined>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]))

/**
 * Runs the load generator against the system that `environment` names.
 *
 * @returns the generator's exit code; 1 when an invariant was violated
 */
export async function rehearse(
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
  stop?: AbortSignal,
): Promise<number> {
  const child = spawn(process.execPath, [...nodeArguments("loadtest/rehearsal/main.ts"), ...args], {
    env: { ...plainEnvironment(), ...environment },
    stdio: "inherit",
  })
  const end = () => child.kill("SIGTERM")
  stop?.addEventListener("abort", end)
  const [code] = await once(child, "exit")
  stop?.removeEventListener("abort", end)
  return typeof code === "number" ? code : 1
}
