import { spawn } from "node:child_process"
import { once } from "node:events"
import { nodeArguments } from "../services/node-part.ts"
import { plainEnvironment } from "../services/part.ts"

export interface RehearsalOptions {
  /** Units of the rehearsal's own SKU. */
  readonly stock?: number | undefined
  readonly shoppers?: number | undefined
  readonly holdSeconds?: number | undefined
}

/** Sends a crowd at the system that `environment` names. @returns the generator's exit code; not 0 when an invariant was violated */
export async function rehearse(
  environment: Readonly<Record<string, string>>,
  { stock, shoppers, holdSeconds }: RehearsalOptions,
  stop?: AbortSignal,
): Promise<number> {
  const options = { stock, shoppers, hold: holdSeconds === undefined ? undefined : `${holdSeconds}s` }
  const args = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]))
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
