import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { createLatencies, type LatencySummary } from "../rehearsal/latencies.ts"
import { openConnections } from "./connections.ts"
import { type Job, shapeOf, type Traffic } from "./jobs.ts"

/** What became of a job's requests. */
export interface JobResult extends LatencySummary {
  readonly sent: number
  /** Answers that count. */
  readonly good: number
  /** Every other answer by name, with how often it came; "0 ..." where there was none. */
  readonly others: Readonly<Record<string, number>>
  /** From the first intended start to the last answer. */
  readonly tookSeconds: number
  /** How far behind the intended times the generator itself was at worst. */
  readonly lateMs: number
}

/** How long the last answers are waited for. */
const patienceMs = 15_000
const tickMs = 1
/** Enough of a body to know what it is about. */
const nameLength = 60

/**
 * Sends a job's requests at times of a Poisson process of its rate, whatever becomes of those before (an open model), and
 * measures each from the moment it was meant to start: what waits for a slow system, or for a slow generator, counts as waiting.
 * k6 measures from the moment it sends, runs a script for each request, and its virtual users are a closed model behind the
 * arrival rate.
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
 * The generator is a process of its own, so that it can be given a core of its own: jobs come and results go over its channel.
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
