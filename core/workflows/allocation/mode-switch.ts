import { setTimeout as delay } from "node:timers/promises"
import type { EndOffsets } from "../../adapters/kafka/offsets.ts"
import type { AdminSkuRow } from "../../adapters/postgres/admin-skus.ts"
import { CommandRefused, TemporarilyUnavailable } from "../../domain/errors.ts"
import type { RunningMode } from "../../domain/modes.ts"

/** How long a switch to direct mode waits for the writer; a healthy one is behind by milliseconds. */
const drainWaitMs = 3_000
const drainPollMs = 50
/** Seconds until a retry can help: a queue that takes longer than the wait is not empty in the next second. */
const retryAfterSeconds = 5

export interface ModeSwitchDeps {
  readonly endOffsets: EndOffsets
  readonly requestsTopic: string
  /** Reads the SKU as it is now. @throws NotFound */
  readonly find: (skuId: string) => Promise<AdminSkuRow>
}

const forced = (mode: RunningMode, skuId: string): string => `npm run ops -- mode ${mode} ${skuId} --force`

/**
 * Ensures that no shopper in the queue loses their turn by a switch. Direct mode begins when the watermark has reached the end
 * that the queue had at the command: every request before it has its decision. The watermark never goes back, so this check needs
 * no lock. Batch mode begins when Kafka answers. A forced switch skips both checks.
 *
 * @throws CommandRefused backlog-not-drained, or TemporarilyUnavailable when Kafka does not answer; nothing was changed then
 */
export function createModeSwitch({ endOffsets, requestsTopic, find }: ModeSwitchDeps) {
  return async function readyFor(mode: RunningMode, row: AdminSkuRow): Promise<void> {
    if (mode === "batch") {
      if (row.mode === "direct") await requireKafka(row.sku_id)
      return
    }
    if (row.mode === "direct") return
    const end = await readEnd(row)
    const untilMs = performance.now() + drainWaitMs
    for (;;) {
      const waiting = end - ((await find(row.sku_id)).next_offset ?? 0)
      if (waiting <= 0) return
      if (performance.now() >= untilMs) {
        const detail = `${waiting} records of its partition still wait for the writer. Halt the sale and try again once they are decided, or let direct requests go before them: ${forced(mode, row.sku_id)}`
        throw new CommandRefused("backlog-not-drained", { detail, retryAfterSeconds })
      }
      await delay(drainPollMs)
    }
  }

  async function readEnd({ partition, sku_id }: AdminSkuRow): Promise<number> {
    try {
      return (await endOffsets(requestsTopic)).get(partition) ?? 0
    } catch (error) {
      const detail = `Kafka does not answer, so the number of waiting requests is unknown; they are decided when it is back. To go on selling without it: ${forced("direct", sku_id)}`
      throw new CommandRefused("backlog-not-drained", { detail, retryAfterSeconds, cause: error })
    }
  }

  async function requireKafka(skuId: string): Promise<void> {
    try {
      await endOffsets(requestsTopic)
    } catch (error) {
      const detail = `Kafka does not answer: in batch mode every reservation would be refused. To switch all the same: ${forced("batch", skuId)}`
      throw new TemporarilyUnavailable("Kafka does not answer", { detail, retryAfterSeconds, cause: error })
    }
  }
}
