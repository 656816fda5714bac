import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { createClient, type Send } from "../rehearsal/client.ts"
import { createSaleManager } from "../rehearsal/manager.ts"
import { localLogins } from "../rehearsal/tokens.ts"

/** Calls a second. So the shares that alarms look at are of enough calls, and two cores carry all parts with ease. */
const rates = { reserve: 8, readStock: 14, readOrders: 6 } as const
const tickMs = 250
const stock = 100_000
const holdSeconds = 120
/** A shopper takes so long from the reservation to the payment. */
const thinkMs = { least: 200, more: 1_000 }
const payingShare = 0.7

/** A sale under way, with a steady load of shoppers. */
export interface SteadySale {
  readonly skuId: string
  readonly send: Send
  /** A token of a new shopper. */
  login(name: string): Promise<string>
  /** Ends the load and closes its connections; calls that hang are given up. */
  stop(): Promise<void>
}

/**
 * Opens a sale and sends it shoppers at a steady rate, who look, reserve, pay, and look at their orders. Errors are part of the
 * recording and end nothing.
 * @param seconds how long the load can last: its shoppers log in before it
 */
export async function startSteadySale(url: string, seconds: number): Promise<SteadySale> {
  const { send, close } = createClient(url)
  const logins = localLogins(send)
  const skuId = `steady-${randomUUID().slice(0, 8)}`
  const manager = createSaleManager(send, await logins.admin(), { skuId, stock, holdSeconds })
  await manager.create()
  await manager.open()
  const names = Array.from({ length: seconds * rates.reserve }, (_, index) => `steady-${index}`)
  const tokens = await logins.shoppers(names, () => {})
  const ending = new AbortController()

  async function buy(token: string): Promise<void> {
    const key = randomUUID()
    const body = { sku_id: skuId, quantity: 1 }
    const reply = await send({ method: "POST", path: "/v1/reservations", token, idempotencyKey: key, body })
    if (reply.kind === "failed" || reply.status >= 300 || Math.random() > payingShare) return
    const { reservation_id: id } = reply.body as { reservation_id?: string }
    await delay(thinkMs.least + Math.random() * thinkMs.more)
    if (id === undefined || ending.signal.aborted) return
    const path = `/v1/reservations/${id}/checkout`
    await send({ method: "POST", path, token, idempotencyKey: randomUUID(), body: { payment_method: "pm_card_visa" } })
  }

  const next = (() => {
    let index = 0
    return () => tokens[index++ % tokens.length] ?? ""
  })()
  const begin = {
    reserve: () => void buy(next()),
    readStock: () => void send({ method: "GET", path: `/v1/skus/${skuId}/availability` }),
    readOrders: () => void send({ method: "GET", path: "/v1/orders", token: tokens[Math.floor(Math.random() * 40)] ?? "" }),
  }
  const owed = { reserve: 0, readStock: 0, readOrders: 0 }
  const timer = setInterval(() => {
    for (const kind of ["reserve", "readStock", "readOrders"] as const) {
      for (owed[kind] += (rates[kind] * tickMs) / 1_000; owed[kind] >= 1; owed[kind] -= 1) begin[kind]()
    }
  }, tickMs)

  return {
    skuId,
    send,
    login: async (name) => (await logins.shoppers([name], () => {}))[0] ?? "",
    async stop() {
      ending.abort()
      clearInterval(timer)
      await close()
    },
  }
}
