import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { findRoute } from "../../core/contracts/http/routes.ts"
import { encodeReservationRecord } from "../../core/contracts/reservation-record.ts"
import { bodyHashOf, reservationIdOf, userIdOf } from "../../core/domain/ids.ts"
import { tokenIssuer } from "../../local/environment.ts"
import { type HttpRequest, toApiGatewayEvent } from "../../local/gateway/event.ts"
import { headersOf } from "../fairness/clients.ts"
import { BenchFailed } from "../measure/failed.ts"
import type { GeneratorProcess } from "../path/generator-process.ts"
import { shopperName } from "../path/jobs.ts"
import { reserveJob } from "../path/profiles.ts"
import type { Shop } from "../path/shop.ts"
import type { MeasuredFunction } from "./result.ts"

export interface EventMaker {
  readonly shop: Shop
  readonly port: number
  /** Makes the reservations that are read and paid for. */
  readonly generator: GeneratorProcess
  readonly superuser: Pool
  /** Access tokens, one for each shopper. */
  readonly tokens: readonly string[]
}

/** Slow enough that every reservation wins, also on a busy machine. */
const reservationsPerSecond = 100
const recordsPerDelivery = 100

/** New requests for one environment of a function. @throws BenchFailed when their reservations could not be made */
export async function eventsFor(name: MeasuredFunction, count: number, maker: EventMaker): Promise<unknown[]> {
  if (name === "batch-writer") return deliveries(count, maker)
  if (name === "reservation" || name === "checkout") return ofReservations(name, count, maker)
  const skuId = await maker.shop.open(count)
  const run = randomUUID()
  return Array.from({ length: count }, (_, index) => {
    if (name === "availability") return httpEvent({ method: "GET", path: `/v1/skus/${skuId}/availability` })
    const token = tokenOf(maker, index)
    return httpEvent({
      method: "POST",
      path: "/v1/reservations",
      token,
      key: `${run}-${index}`,
      body: { sku_id: skuId, quantity: 1 },
    })
  })
}

async function ofReservations(name: "reservation" | "checkout", count: number, maker: EventMaker): Promise<unknown[]> {
  const { shop, port, generator } = maker
  const job = await reserveJob(shop, port, reservationsPerSecond, count / reservationsPerSecond)
  const { good, sent, others } = await generator.run(job)
  if (good !== sent) throw new BenchFailed(`Of ${sent} reservations ${good} were made: ${JSON.stringify(others)}`)
  return Array.from({ length: count }, (_, index) => {
    const shopper = shopperName(index % maker.tokens.length)
    const path = `/v1/reservations/${reservationIdOf(userIdOf(tokenIssuer, shopper), `${job.run}-${index}`)}`
    const token = tokenOf(maker, index)
    if (name === "reservation") return httpEvent({ method: "GET", path, token })
    const body = { payment_method: "pm_card_visa" }
    return httpEvent({ method: "POST", path: `${path}/checkout`, token, key: `pay-${job.run}-${index}`, body })
  })
}

const tokenOf = ({ tokens }: EventMaker, index: number): string => tokens[index % tokens.length] ?? ""

interface Request {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly token?: string
  readonly key?: string
  readonly body?: object
}

/** The event that API Gateway makes of a request. */
function httpEvent({ method, path, token, key, body }: Request) {
  const request: HttpRequest = {
    ...{ method, path, query: "", httpVersion: "1.1", sourceIp: "127.0.0.1", requestId: randomUUID(), receivedAt: new Date() },
    received: {
      headers: {
        host: "localhost",
        ...headersOf("firefox"),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      cookies: [],
      hasTransferEncoding: false,
    },
    body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
  }
  return toApiGatewayEvent(request, findRoute(method, path))
}

/** Deliveries of records to the writer, from a partition of their own: the running writer reads another topic. */
async function deliveries(count: number, { shop, superuser }: EventMaker): Promise<unknown[]> {
  const skuId = await shop.open(count * recordsPerDelivery)
  const { rows } = await superuser.query<{ sku_no: number }>("SELECT sku_no FROM inventory WHERE sku_id = $1", [skuId])
  const skuNo = rows[0]?.sku_no
  if (skuNo === undefined) throw new BenchFailed(`${skuId} does not exist`)
  const topic = `init-${randomUUID()}`
  await superuser.query("INSERT INTO partition_progress VALUES ($1, 0, 0)", [topic])
  return Array.from({ length: count }, (_, delivery) => ({
    eventSource: "aws:kafka",
    eventSourceArn: "arn:aws:kafka:local:000000000000:cluster/flash-sale/00000000-0000-0000-0000-000000000000-1",
    bootstrapServers: "",
    records: {
      [`${topic}-0`]: Array.from({ length: recordsPerDelivery }, (_, index) => ({
        ...{ topic, partition: 0, offset: delivery * recordsPerDelivery + index, timestamp: 0, timestampType: "CREATE_TIME" },
        headers: [],
        key: Buffer.from(skuId).toString("base64"),
        value: encodeReservationRecord({
          ...{ id: randomUUID(), userId: randomUUID(), skuNo, quantity: 1, joinWaitlist: false },
          bodyHash: bodyHashOf(skuId, 1, false),
          acceptedAtMs: Date.now(),
        }).toString("base64"),
      })),
    },
  }))
}
