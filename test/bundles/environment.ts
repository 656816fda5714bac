import { spawn } from "node:child_process"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { createInterface } from "node:readline"
import { bundleFileOf, lambdaVariables, node24 } from "./bundled.ts"

/** A step of an environment: its initialisation, or an invocation. */
export interface Step {
  readonly tookMs: number
  readonly result?: unknown
}

/** A process with the bundle of a function, as Lambda keeps it between invocations. */
export interface StartedEnvironment {
  readonly initialised: Step
  /** What it has printed so far. */
  readonly printed: () => string
  /** Its TCP connections, as counts by the port of the other side. */
  connections(): ReadonlyMap<number, number>
  invoke(event: unknown): Promise<Step>
  stop(): void
}

/** Starts an environment and waits for the end of its initialisation. @throws Error with what it printed, when it ends */
export async function startEnvironment(folder: string, variables: Readonly<Record<string, string>>): Promise<StartedEnvironment> {
  const child = spawn(node24, ["test/bundles/start.mjs", bundleFileOf(folder)], {
    env: { ...variables, ...lambdaVariables },
    stdio: ["pipe", "pipe", "inherit"],
  })
  let printed = ""
  const waiting: { resolve(step: Step): void; reject(error: Error): void }[] = []
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith('{"done"')) waiting.shift()?.resolve((JSON.parse(line) as { done: Step }).done)
    else printed += `${line}\n`
  })
  child.on("exit", () => {
    for (const each of waiting.splice(0)) each.reject(new Error(`lambdas/${folder} ended:\n${printed}`))
  })
  const step = () => new Promise<Step>((resolve, reject) => waiting.push({ resolve, reject }))
  return {
    initialised: await step(),
    printed: () => printed,
    connections: () => connectionsOf(child.pid ?? 0),
    async invoke(event) {
      const invoked = step()
      child.stdin.write(`${JSON.stringify(event)}\n`)
      return invoked
    },
    stop: () => void child.kill("SIGKILL"),
  }
}

const established = "01"

/** Linux tells the sockets of a process, and the ports of each socket. */
function connectionsOf(pid: number): ReadonlyMap<number, number> {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  const counts = new Map<number, number>()
  for (const table of ["tcp", "tcp6"]) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n").slice(1)) {
      const [, , remote = "", state, , , , , , inode = ""] = line.trim().split(/\s+/)
      if (state !== established || !sockets.has(inode)) continue
      const port = Number.parseInt(remote.split(":")[1] ?? "", 16)
      counts.set(port, (counts.get(port) ?? 0) + 1)
    }
  }
  return counts
}
