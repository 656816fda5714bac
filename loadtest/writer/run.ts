import { startCluster } from "../measure/cluster.ts"
import type { Contestant } from "../measure/contestant.ts"
import { describeMachine } from "../measure/machine.ts"
import { createMeter, type Meter } from "../measure/meter.ts"
import { type Result, type Run, withBest } from "../measure/result.ts"
import { benchServices } from "../measure/services.ts"

export interface RunPlan {
  readonly contestants: readonly Contestant[]
  /** The least measured seconds of a round: a sale that has started is finished. */
  readonly seconds: number
  /** Every second round runs in reverse order, so that a machine that slows down favours no contestant. */
  readonly rounds: number
  readonly quick: boolean
  /** See startCluster. */
  readonly prewarmMb: number
  readonly at: Date
  readonly progress: (line: string) => void
}

/** Plays every contestant on the run's own cluster. @throws BenchFailed when a guarantee did not hold */
export async function runBench(plan: RunPlan): Promise<Run> {
  const { contestants, rounds, quick, at, progress } = plan
  progress(`starting a cluster, writing ${plan.prewarmMb} MB of WAL`)
  const cluster = await startCluster(plan.prewarmMb)
  const services = benchServices(cluster)
  try {
    const machine = await describeMachine(cluster.folder.dir, cluster.superuser)
    const entries = contestants.map((contestant) => ({ contestant, meter: createMeter() }))
    for (let round = 1; round <= rounds; round += 1) {
      const order = round % 2 === 1 ? entries : entries.toReversed()
      for (const [index, { contestant, meter }] of order.entries()) {
        if (!contestant.name.endsWith("-kafka")) await services.restKafka()
        await contestant.play(services, meter, plan.seconds)
        meter.endRound()
        progress(`[${round}/${rounds} ${index + 1}/${order.length}] ${line(contestant, meter)}`)
      }
    }
    const results = withBest(entries.map(({ contestant, meter }) => resultOf(contestant, meter)))
    return { at: at.toISOString(), quick, rounds, machine, results }
  } finally {
    await services.restKafka()
    await cluster.close()
  }
}

function line({ name, profile, batch, connections }: Contestant, { measured }: Meter): string {
  const size = batch === undefined ? `${connections} connections` : `batch ${batch}`
  const perSecond = Math.round(measured.roundsPerSecond.at(-1) ?? 0).toLocaleString("en")
  return `${name}, ${profile}, ${size}: ${perSecond}/s, p95 ${measured.latency.p95Ms.toFixed(2)} ms`
}

function resultOf({ name, profile, batch, connections }: Contestant, { measured }: Meter): Omit<Result, "best"> {
  const { decisions, seconds, latency, service, attempts, walBytes, roundTrips } = measured
  const each = (total: number, digits = 2) => Number((total / decisions).toFixed(digits))
  const onPostgres = walBytes > 0
  return {
    name,
    profile,
    ...(batch !== undefined && { batch }),
    ...(connections !== undefined && { connections }),
    per_second: Math.round(decisions / seconds),
    p50_ms: latency.p50Ms,
    p95_ms: latency.p95Ms,
    p99_ms: latency.p99Ms,
    ...(service.count > 0 && { service_p50_ms: service.p50Ms, service_p95_ms: service.p95Ms }),
    decisions,
    seconds: Number(seconds.toFixed(2)),
    rounds_per_second: measured.roundsPerSecond.map(Math.round),
    round_trips: onPostgres ? each(roundTrips, 4) : null,
    wal_bytes: onPostgres ? each(walBytes, 0) : null,
    client_cpu_us: each(measured.clientCpuUs),
    server_cpu_us: each(measured.serverCpuUs),
    ...(name === "optimistic" && {
      attempts: each(attempts),
      retry_share: Number((1 - decisions / attempts).toFixed(4)),
    }),
  }
}
