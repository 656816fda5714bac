import { setTimeout as delay } from "node:timers/promises"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { residentBytes } from "../../local/services/process-identity.ts"
import { readRecords } from "../../local/services/run-record.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { askSupervisor } from "../../local/supervisor/control-client.ts"
import { type Ask, createClient } from "../../ops/client.ts"
import { lagOf } from "../../ops/groups-command.ts"
import { localTransport } from "../../ops/local.ts"
import { replay } from "../../ops/replay.ts"
import { BenchFailed } from "../measure/failed.ts"
import { sendSyntheticEvents } from "./synthetic-events.ts"

/** What a replay of analytics showed. */
export interface ReplayResult {
  readonly events: number
  /** Seconds until the group had read the events for the first time, from the first one that was sent. */
  readonly first_read_seconds: number
  /** Seconds until it had read them again, from the start of its consumer. */
  readonly replay_seconds: number
  readonly identical: boolean
  /** Resident memory of its consumer when it had read the events for the first time, and when it had read them again. */
  readonly memory_mb: readonly [first: number, again: number]
}

const group = "analytics"
const pollMs = 1_000
const megabyte = 1_024 * 1_024

/**
 * Sends synthetic events, lets the group read them, and lets it read them again with `ops replay`. The other consumers of the
 * events are stopped: the events belong to no real sale.
 *
 * @param environment of the system's processes
 * @throws BenchFailed when the totals differ
 */
export async function measureReplay(
  folder: StateFolder,
  environment: Readonly<Record<string, string>>,
  events: number,
  say: (line: string) => void,
): Promise<ReplayResult> {
  Object.assign(process.env, environment)
  // The commands run in this process; their log lines are not of interest here.
  logger.setLogLevel("ERROR")
  const ask = createClient(localTransport, "bench replay")
  try {
    for (const other of groupNames("reservationEvents")) {
      if (other !== group) await askSupervisor(folder, { command: "stop-part", part: other })
    }
    const startedMs = performance.now()
    const kafka = kafkaClient((environment.KAFKA_BROKERS ?? "").split(","), "bench-replay", { requestTimeoutMs: 30_000 })
    await sendSyntheticEvents(kafka, events, (sent) => say(`${sent} events are sent`))
    say(`all events are sent after ${secondsSince(startedMs)} s`)
    await untilRead(ask, say)
    const firstReadSeconds = secondsSince(startedMs)
    const firstMb = memoryOf(folder)
    const report = await replay(ask, { group, to: { kind: "earliest" }, restart: true, sendAgain: false }, say)
    const { figures, caught_up_ms: caughtUpMs } = report
    if (figures?.identical !== true || caughtUpMs === null) throw new BenchFailed(`The totals cannot be trusted: ${figures?.why}`)
    return {
      ...{ events, first_read_seconds: firstReadSeconds, replay_seconds: Math.round(caughtUpMs / 100) / 10 },
      ...{ identical: true, memory_mb: [firstMb, memoryOf(folder)] },
    }
  } finally {
    await ask.close()
  }
}

const secondsSince = (startedMs: number) => Math.round((performance.now() - startedMs) / 100) / 10

async function untilRead(ask: Ask, say: (line: string) => void): Promise<void> {
  for (;;) {
    const { groups } = await ask({ command: "groups", group })
    const left = groups.reduce((sum, each) => sum + lagOf(each), 0)
    if (left === 0) return
    say(`${left} records are left`)
    await delay(pollMs)
  }
}

function memoryOf(folder: StateFolder): number {
  const pid = readRecords(folder).find(({ part }) => part === group)?.pid
  return pid === undefined ? 0 : Math.round(residentBytes(pid, [pid]) / megabyte)
}
