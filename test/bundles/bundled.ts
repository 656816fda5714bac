import { spawn } from "node:child_process"
import { statSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { bundleOf } from "../../lib/constructs/handler-bundles.ts"

/** The Node that the functions run on. */
export const node24 = "node_modules/.bin/node"

/** Variables that Lambda sets beside the function's own. Tracing is on. */
export const lambdaVariables = {
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_REGION: "eu-central-1",
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
  AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000",
  LAMBDA_TASK_ROOT: "/var/task",
  NODE_OPTIONS: "--enable-source-maps",
  _X_AMZN_TRACE_ID: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
}

export interface Loaded {
  readonly folder: string
  readonly bytes: number
  /** Of the first invocation's process. */
  readonly importMs: number
  readonly node: string
}

/** Bundles that `invokeBundle` has loaded so far, by folder. */
export const loaded = new Map<string, Loaded>()

export const bundleFileOf = (folder: string): string => join(bundleOf(folder), "handler.mjs")

/**
 * Invokes the bundle of `lambdas/<folder>` in a new process with only these variables. @throws Error with the process's output
 */
export async function invokeBundle(
  folder: string,
  variables: Readonly<Record<string, string>>,
  event: unknown,
  timeLeftMs = 10_000,
): Promise<unknown> {
  const file = bundleFileOf(folder)
  const child = spawn(node24, ["test/bundles/invoke.mjs", file], { env: { ...variables, ...lambdaVariables } })
  child.stdin.end(JSON.stringify({ event, timeLeftMs }))
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  // kafkajs without our correction of its timers (core/adapters/kafka/idle-connections.ts).
  if (complaints.includes("TimeoutNegativeWarning")) throw new Error(`lambdas/${folder} wakes every millisecond:\n${complaints}`)
  const last = printed.trimEnd().split("\n").at(-1) ?? ""
  if (!last.startsWith('{"importMs"')) throw new Error(`lambdas/${folder} did not answer:\n${printed}\n${complaints}`)
  const { importMs, result, node } = JSON.parse(last) as { importMs: number; result: unknown; node: string }
  if (!loaded.has(folder)) loaded.set(folder, { folder, bytes: statSync(file).size, importMs, node })
  return result
}
