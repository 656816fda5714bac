import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { bundleEnvironment } from "../../lib/constructs/bundling.ts"
import { bundleOf } from "../../lib/constructs/handler-bundles.ts"
import { stages } from "../../lib/stages.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { BenchFailed } from "../measure/failed.ts"
import { coreShareOf, type InitResult, type MeasuredFunction, marks, type Span } from "./result.ts"

const run = promisify(execFile)
const program = fileURLToPath(new URL("./environment.mjs", import.meta.url))

/** Lambda's Node gives these shares of the function's memory to its old space and to each half of its new space. */
const oldSpaceShare = 0.9
const semiSpaceShare = 0.05
/** The function has the first core alone if there is another for the services. */
export const cores = availableParallelism() > 1 ? { environment: "0", services: `1-${availableParallelism() - 1}` } : undefined
const windowRequests = 9
const maxOutputBytes = 64 * 1_024 * 1_024

interface EnvironmentReport extends Pick<InitResult, "import" | "open" | "warm"> {
  readonly requests: Readonly<Record<string, Span>>
  /** Requests with another answer than the expected one, by answer. */
  readonly wrong: Readonly<Record<string, number>>
}

export interface Environment {
  readonly folder: StateFolder
  readonly name: MeasuredFunction
  readonly variables: Readonly<Record<string, string>>
  readonly warmUp: InitResult["warm_up"]
  /** The requests, one after the other. */
  readonly events: readonly unknown[]
}

/** Gives the requests to one new environment of a function. @throws BenchFailed when a request was not served */
export async function measureEnvironment({ folder, name, variables, warmUp, events }: Environment): Promise<InitResult> {
  const { memoryMb, poolSize } = stages.prod.functions[name]
  const input = folder.path("init-environment.json")
  writeFileSync(input, JSON.stringify({ bundle: join(bundleOf(name), "handler.mjs"), events, marks, windowRequests }))
  const node = [
    process.execPath,
    `--max-old-space-size=${Math.floor(memoryMb * oldSpaceShare)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb * semiSpaceShare))}`,
    "--disable-warning=TimeoutNegativeWarning",
  ]
  const command = [...(cores ? ["taskset", "-c", cores.environment] : []), ...node, program, input]
  const env = {
    ...plainEnvironment(),
    ...variables,
    ...(poolSize !== undefined && { DATABASE_POOL_SIZE: String(poolSize) }),
    NODE_OPTIONS: bundleEnvironment.NODE_OPTIONS,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    SERVICE_NAME: name,
    WARM_UP: warmUp,
    WARM_UP_SPREAD_MS: "0",
    AWS_LAMBDA_INITIALIZATION_TYPE: warmUp === "on" ? "provisioned-concurrency" : "on-demand",
  }
  const [file = "", ...args] = command
  const { stdout } = await run(file, args, { env, maxBuffer: maxOutputBytes })
  const { wrong, ...report } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as EnvironmentReport
  if (Object.keys(wrong).length > 0) throw new BenchFailed(`${name} answered otherwise than expected: ${JSON.stringify(wrong)}`)
  return { name: "init", function: name, warm_up: warmUp, memory_mb: memoryMb, core_share: coreShareOf(memoryMb), ...report }
}
