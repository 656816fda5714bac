import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { createLatencies, type LatencySummary } from "../rehearsal/latencies.ts"
import { openConnections } from "./connections.ts"
import { type Job, shapeOf, type Traffic } from "./jobs.ts"

/** The result of a job's requests. */
export interface JobResult extends LatencySummary {
  readonly sent: number
  /** Answers that count. */
  readonly good: number
  /** The number of every other answer, by name; "0 ..." stands for no answer. */
  readonly others: Readonly<Record<string, number>>
  /** From the first planned start to the last answer. */
  readonly tookSeconds: number
  /** The largest delay of the generator behind the planned times. */
  readonly lateMs: number
}

/** The longest wait for the last answers. */
const patienceMs = 15_000
const tickMs = 1
/** This part of a body is enough to name it. */
const nameLength = 60

/**
 * Sends a job's requests at the times of a Poisson process of its rate, whatever happens to earlier requests (an open model). The
 * latency of each counts from its planned start: a wait for a slow system, or for a slow generator, is included. k6 measures from
 * the moment it sends, runs a script for each request, and its virtual users are a closed model behind the arrival rate.
 */
export async function generate(job: Job<Traffic>): Promise<JobResult> {
  const { request, status, mark } = shapeOf(job, JSON.parse(readFileSync(job.tokensFile, "utf8")) as string[])
  const connections = openConnections(job.port)
  const latencies = createLatencies()
  const others: Record<string, number> = {}
  const total = Math.round(job.rate * job.seconds)
  let [sent, answered, good, lateMs] = [0, 0, 0, 0]
  const startMs = performance.now()
  let dueMs = startMs

  const sendOne = (intendedMs: number) => {
    connections.send(request(sent), (answer, body) => {
      answered += 1
      latencies.record(performance.now() - intendedMs)
      if (answer === status && body.includes(mark)) good += 1
      else {
        const name = `${answer} ${/"type":"([^"]+)"|"status":"(\w+)"/.exec(body)?.[0] ?? body.slice(0, nameLength)}`
        others[name] = (others[name] ?? 0) + 1
      }
    })
    sent += 1
  }

  while (sent < total) {
    const nowMs = performance.now()
    while (sent < total && dueMs <= nowMs) {
      lateMs = Math.max(lateMs, nowMs - dueMs)
      sendOne(dueMs)
      dueMs -= (Math.log(1 - Math.random()) / job.rate) * 1_000
    }
    await delay(tickMs)
  }
  const giveUpMs = performance.now() + patienceMs
  while (answered < sent && performance.now() < giveUpMs) await delay(tickMs)
  const tookSeconds = (performance.now() - startMs) / 1_000
  connections.close()
  if (answered < sent) others["0 no answer in time"] = sent - answered
  return { ...latencies.summary(), sent, good, others, tookSeconds, lateMs }
}

/**
 * The generator is a process of its own, so that it can have its own core. It receives jobs and sends results over its IPC
 * channel.
 */
process.on("message", (job: Job<Traffic>) => {
  generate(job).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
