import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import type { Kafka } from "kafkajs"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { createConsumerGroups } from "../../core/adapters/kafka/groups.ts"
import { createRequestLog } from "../../core/adapters/kafka/request-log.ts"
import { oldestUnpublished } from "../../core/adapters/postgres/lag.ts"
import { createPool } from "../../core/adapters/postgres/pool.ts"
import { createSkuDirectory, type SkuRecord } from "../../core/adapters/postgres/sku-directory.ts"
import { createConcurrencyLimit } from "../../core/concurrency/concurrency-limit.ts"
import type { GroupName } from "../../core/contracts/consumer-groups.ts"
import { topics } from "../../core/contracts/topics.ts"
import { bodyHashOf } from "../../core/domain/ids.ts"
import { createApiClient } from "../../local/admin-client.ts"
import { tokenAudience, tokenIssuer } from "../../local/environment.ts"
import { openIssuer } from "../../local/identity/issuer.ts"
import type { StateFolder } from "../../local/services/state-folder.ts"
import { askSupervisor } from "../../local/supervisor/control-client.ts"
import { BenchFailed } from "../measure/failed.ts"
import { type FlowMoment, flowHeading, flowLine, watchFlow } from "./flow.ts"

export interface ProduceOptions {
  readonly orders: number
  /** A group whose consumer waits before each delivery, so that its lag grows. */
  readonly slow?: GroupName
  readonly delayMs: number
}

export interface ProduceDeps {
  readonly folder: StateFolder
  /** The environment of the system's processes. */
  readonly environment: Readonly<Record<string, string>>
  readonly say: (line: string) => void
}

/** Records that wait for their acknowledgement at once. */
const recordsAtOnce = 1_000
const lookEveryMs = 1_000
/** A run that does not end by then has failed. */
const maxSeconds = 600

/**
 * Sends as many requests as asked into the queue of a new sale, as the reserving functions do, and watches them through: decided,
 * published as events, read by every consumer group. It ends when nothing waits any more.
 *
 * @returns what was seen, one moment a second
 * @throws BenchFailed when not every request was decided in time
 */
export async function produceAndWatch(deps: ProduceDeps, options: ProduceOptions): Promise<readonly FlowMoment[]> {
  const { environment, say } = deps
  const pool = createPool({ connectionString: environment.DATABASE_URL }, { role: "reader", size: 1 })
  const kafka = kafkaClient((environment.KAFKA_BROKERS ?? "").split(","), "bench-produce")
  try {
    const sku = await openSale(environment, options.orders, (skuId) =>
      createSkuDirectory(pool, createConcurrencyLimit()).findFresh(skuId),
    )
    if (options.slow !== undefined) await slowDown(deps, options.slow, options.delayMs)
    const look = watchFlow({ pool, groups: createConsumerGroups(kafka) })
    const moments = [await look()]
    say(flowHeading())
    const produced = produce(kafka, sku, options.orders)
    for (;;) {
      const moment = await look()
      moments.push(moment)
      say(flowLine(moment))
      const waiting = moment.decided < options.orders || Object.values(moment.lags).some((lag) => lag > 0)
      if (!waiting && (await oldestUnpublished(pool)) === undefined) break
      if (moment.seconds > maxSeconds) throw new BenchFailed(`After ${maxSeconds} s records still wait: see the last line.`)
      await delay(lookEveryMs)
    }
    await produced
    return moments
  } finally {
    await pool.end()
  }
}

async function openSale(
  { BASE_URL: baseUrl = "", LOCAL_STATE_DIR: stateDir = "" }: Readonly<Record<string, string>>,
  orders: number,
  find: (skuId: string) => Promise<SkuRecord | undefined>,
): Promise<SkuRecord> {
  const issuer = await openIssuer({ stateDir, issuer: tokenIssuer, audience: tokenAudience })
  const api = createApiClient(baseUrl, () => issuer.sign({ sub: "bench-produce", scope: "sales:admin" }))
  const skuId = `produced-${randomUUID().slice(0, 8)}`
  await api.create({
    sku_id: skuId,
    name: "Produced orders",
    price_minor: 1_000,
    currency: "EUR",
    total_stock: orders,
    hold_seconds: 3_600,
  })
  await api.steer(skuId, "open")
  const sku = await find(skuId)
  if (sku === undefined) throw new BenchFailed(`The sale ${skuId} was created, and PostgreSQL does not show it`)
  return sku
}

/** Sends one request for each order, each of another shopper. */
async function produce(kafka: Kafka, { skuId, partition, sale: { skuNo } }: SkuRecord, orders: number): Promise<void> {
  const log = createRequestLog(kafka, topics.reservationRequests.name)
  const one = () => ({
    ...{ id: randomUUID(), userId: randomUUID(), skuNo, quantity: 1, joinWaitlist: false },
    ...{ bodyHash: bodyHashOf(skuId, 1, false), acceptedAtMs: Date.now() },
  })
  try {
    for (let sent = 0; sent < orders; sent += recordsAtOnce) {
      const count = Math.min(recordsAtOnce, orders - sent)
      await Promise.all(Array.from({ length: count }, () => log.append(one(), skuId, partition)))
    }
  } finally {
    await log.close()
  }
}

/** Starts the consumers of a group again, with a pause before each delivery. */
async function slowDown({ folder, say }: ProduceDeps, group: GroupName, delayMs: number): Promise<void> {
  await reach("stop-part", "stopped")
  await reach("start-part", "running")
  say(`the consumer of ${group} waits ${delayMs} ms before each delivery`)

  async function reach(command: "stop-part" | "start-part", wanted: "stopped" | "running"): Promise<void> {
    await askSupervisor(folder, { command, part: group, ...(command === "start-part" && { delivery_delay_ms: delayMs }) })
    for (;;) {
      const parts = await askSupervisor(folder, { command: "status" })
      if (parts.find(({ part }) => part === group)?.state === wanted) return
      await delay(200)
    }
  }
}

/** What a run showed: how long it took, and for each group its largest lag and when it had read everything. */
export function flowSummary(moments: readonly FlowMoment[]): string {
  const last = moments.at(-1)
  if (last === undefined) return "nothing was seen"
  const groups = Object.keys(last.lags).map((group) => {
    const largest = Math.max(...moments.map(({ lags }) => lags[group] ?? 0))
    const drained = moments.findLast(({ lags }) => (lags[group] ?? 0) > 0)?.seconds
    return `  ${group}: at most ${largest} records behind${drained === undefined ? "" : `, all read after ${(drained + 1).toFixed(0)} s`}`
  })
  const decidedAt = moments.find(({ decided }) => decided === last.decided)?.seconds ?? 0
  return [`${last.decided} requests decided after ${decidedAt.toFixed(1)} s, ${last.published} events published`, ...groups].join(
    "\n",
  )
}
