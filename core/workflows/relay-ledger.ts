import type { Pool } from "pg"
import type { EventLog } from "../adapters/kafka/event-log.ts"
import { publishNext, unpublishedSkus } from "../adapters/postgres/outbox.ts"
import { count } from "../adapters/telemetry.ts"

export interface RelayDeps {
  /** Connections of the relay role. */
  readonly pool: Pool
  readonly events: EventLog
}

/**
 * Publishes what the ledger holds and `reservation-events` does not, each SKU in the order of its ledger.
 *
 * @returns how many ledger entries were published
 * @throws PostgreSQL's or Kafka's errors; the next call goes on where this one stopped
 */
export async function relayLedger({ pool, events }: RelayDeps): Promise<number> {
  let total = 0
  for (const skuNo of await unpublishedSkus(pool)) {
    for (;;) {
      const published = await publishNext(pool, skuNo, (batch) => events.publish(batch))
      if (published === 0) break
      total += published
      count("relay.published", published)
    }
  }
  return total
}
