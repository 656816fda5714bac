import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { maxMessages } from "../../core/contracts/operations/messages.ts"
import { topics } from "../../core/contracts/topics.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { askSupervisor } from "../../local/supervisor/control-client.ts"
import { createClient } from "../../ops/client.ts"
import { localTransport } from "../../ops/local.ts"
import { sendSyntheticEvents } from "./synthetic-events.ts"

/** What a search through a topic showed. */
export interface SearchResult {
  readonly records: number
  readonly seconds: number
  /** The fullest heap of this process while it read the first tenth, and while it read everything. */
  readonly heap_mb: readonly [firstTenth: number, all: number]
}

const megabyte = 1_024 * 1_024

/**
 * Sends synthetic events, and searches all of them with the command `messages` for a SKU that none has. The consumers of the
 * events are stopped: the events belong to no real sale.
 * @param environment of the system's processes
 */
export async function measureSearch(
  folder: StateFolder,
  environment: Readonly<Record<string, string>>,
  events: number,
  say: (line: string) => void,
): Promise<SearchResult> {
  Object.assign(process.env, environment)
  logger.setLogLevel("ERROR")
  for (const part of groupNames("reservationEvents")) await askSupervisor(folder, { command: "stop-part", part })
  const kafka = kafkaClient((environment.KAFKA_BROKERS ?? "").split(","), "bench-messages", { requestTimeoutMs: 30_000 })
  await sendSyntheticEvents(kafka, events, (sent) => say(`${sent} events are sent`))
  const ask = createClient(localTransport, "bench messages")
  try {
    const startedMs = performance.now()
    const asked = { command: "messages", topic: topics.reservationEvents.name, sku: "no such sku", limit: maxMessages } as const
    let [read, firstTenth, all] = [0, 0, 0]
    let page = await ask(asked)
    for (;;) {
      read += page.read
      all = Math.max(all, process.memoryUsage().heapUsed)
      if (read <= events / 10) firstTenth = all
      if (page.rest.length === 0) break
      page = await ask({ ...asked, spans: page.rest })
    }
    const inMb = (bytes: number) => Math.round(bytes / megabyte)
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10
    return { records: read, seconds, heap_mb: [inMb(firstTenth), inMb(all)] }
  } finally {
    await ask.close()
  }
}
