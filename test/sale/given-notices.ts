import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { postgresNoticeStore } from "../../core/adapters/postgres/notices.ts"
import { createPool } from "../../core/adapters/postgres/pool.ts"
import { type AnySaleEvent, encodeEvent, eventIdOf } from "../../core/contracts/events.ts"
import { localShopper } from "../../local/identity/shoppers.ts"
import { userRoute } from "../../local/identity/user-route.ts"
import { createMailServer, type MailServer } from "../../local/mail/server.ts"
import { type LocalServer, localServer } from "../services/local-server.ts"

/** A mail as the SMTP server received it. */
export interface ReceivedMail {
  readonly eventId: string
  readonly to: string
  readonly raw: string
}

/** The world outside the notifier: a real SMTP server, the local identity provider, a catalogue, and the store. */
export async function givenNotices(databaseUrl: string) {
  const mails: ReceivedMail[] = []
  let mailServer: MailServer = createMailServer(async (message) => mails.push(readMail(message.toString("utf8"))))
  const mailPort = await mailServer.listen(0)
  const outside = { identity: true, catalogue: true }
  const server: LocalServer = await localServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", async () => {
      if (request.method === "GET") {
        response.statusCode = outside.catalogue ? 200 : 503
        response.end(JSON.stringify({ name: "Canvas bag" }))
        return
      }
      if (!outside.identity || request.url !== userRoute.path) {
        response.statusCode = 503
        response.end("{}")
        return
      }
      const { statusCode, headers, body } = await userRoute.answer(Buffer.concat(chunks))
      response.writeHead(statusCode, headers)
      response.end(body)
    })
  })
  const pool: Pool = createPool({ connectionString: databaseUrl }, { role: "notifier", size: 2 })
  return {
    mails,
    /** What does not answer when it is false. */
    outside,
    store: postgresNoticeStore(pool),
    variables: {
      MAIL_FROM: "shop@flash-sale.local",
      SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
      SHOP_URL: `${server.url}/`,
      CATALOGUE_URL: server.url,
      USER_POOL_ID: "local",
      IDENTITY_URL: `${server.url}${userRoute.path}`,
    },
    mailPort,
    async stopMail() {
      await mailServer.close()
    },
    async startMail() {
      mailServer = createMailServer(async (message) => mails.push(readMail(message.toString("utf8"))))
      await mailServer.listen(mailPort)
    },
    async close() {
      await Promise.all([mailServer.close(), server.close(), pool.end()])
    },
  }
}

function readMail(raw: string): ReceivedMail {
  const header = (name: string) => new RegExp(`^${name}: (.*)\\r$`, "m").exec(raw)?.[1] ?? ""
  return { eventId: header("X-Event-ID"), to: header("To"), raw }
}

/** A user id of the kind that a test needs. */
export function newUser({ hasAddress = true, locale }: { hasAddress?: boolean; locale?: "en" | "de" } = {}): string {
  for (;;) {
    const id = randomUUID()
    const shopper = localShopper(id)
    if ((shopper.email !== undefined) === hasAddress && (locale === undefined || shopper.locale === locale)) return id
  }
}

let seq = 0

/** Events of a SKU that nobody else uses, as the relay publishes them. */
export const eventOf = <Type extends AnySaleEvent["event_type"]>(
  event_type: Type,
  payload: Extract<AnySaleEvent, { event_type: Type }>["payload"],
  skuId = "sku-1",
): AnySaleEvent => {
  seq += 1
  return {
    ...{ event_id: eventIdOf(7, seq, 0), reservation_id: randomUUID(), sku_id: skuId, seq },
    ...{ occurred_at: new Date().toISOString(), event_type, payload },
  } as AnySaleEvent
}

export const expired = (user_id = newUser()) => eventOf("reservation.expired", { user_id, quantity: 1 })
export const paid = (user_id = newUser()) =>
  eventOf("order.paid", { user_id, order_id: randomUUID(), quantity: 1, amount_minor: 4_900, currency: "EUR" })

/** A delivery of these events at offsets from 100, as the event source mapping makes it; a string is a raw value. */
export const deliveryOf = (values: readonly (AnySaleEvent | string)[], partition = 3) => ({
  eventSource: "aws:kafka",
  records: {
    [`reservation-events-${partition}`]: values.map((value, index) => ({
      topic: "reservation-events",
      partition,
      offset: 100 + index,
      timestamp: 0,
      key: Buffer.from(typeof value === "string" ? "sku-1" : value.sku_id).toString("base64"),
      value: Buffer.from(typeof value === "string" ? value : encodeEvent(value)).toString("base64"),
      headers: [],
    })),
  },
})

export const redeliverFrom = (offset: number, partition = 3) => ({
  batchItemFailures: [{ itemIdentifier: { partition: `reservation-events-${partition}`, offset } }],
})
export const noFailures = { batchItemFailures: [] }
