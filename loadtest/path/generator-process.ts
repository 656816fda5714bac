import { spawn } from "node:child_process"
import { once } from "node:events"
import { nodeArguments } from "../../local/services/node-part.ts"
import { plainEnvironment } from "../../local/services/part.ts"
import type { JobResult } from "./generator.ts"
import type { Job, Traffic } from "./jobs.ts"

export interface GeneratorProcess {
  readonly pid: number
  /** @throws Error when the generator dies */
  run(job: Job<Traffic>): Promise<JobResult>
  stop(): void
}

/**
 * Starts the generator on a list of cores in the notation of taskset, `1` or `0,1`. It ends with `stop`, also in the middle of a
 * job.
 */
export function startGenerator(cores: string, stop: AbortSignal): GeneratorProcess {
  const command = [process.execPath, ...nodeArguments("loadtest/path/generator.ts")]
  const child = spawn("taskset", ["-c", cores, ...command], {
    env: plainEnvironment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  stop.addEventListener("abort", () => child.kill(), { once: true })
  return {
    pid: child.pid ?? 0,
    async run(job) {
      child.send(job)
      const done = new AbortController()
      const { signal } = done
      const died = once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`The generator ended with ${code}`)
      })
      try {
        const [result] = await Promise.race([once(child, "message", { signal }), died])
        return result as JobResult
      } finally {
        died.catch(() => {})
        done.abort()
      }
    },
    stop: () => void child.kill(),
  }
}
