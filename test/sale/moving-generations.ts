import { randomUUID } from "node:crypto"
import { expect, vi } from "vitest"
import type { Generations } from "../../core/contracts/operations/generations.ts"
import type { Groups } from "../../core/contracts/streams.ts"
import { type ApiClient, createApiClient } from "../../local/admin-client.ts"

/** A system as `npm start` runs it, and its command line. */
interface OperatedSystem {
  readonly httpPort: number
  ops(...args: string[]): Promise<{ readonly stdout: string }>
}

/** A reservation as the API answers it. */
interface Reservation {
  readonly reservation_id: string
  readonly status: string
  readonly decided: boolean
  readonly receipt: string
}

/** A shopper whose request was accepted. */
interface Shopper {
  readonly receipt: string
  /** Reads the reservation with its receipt. */
  readonly read: () => Promise<Reservation>
}

const stock = 50
const patience = { timeout: 60_000, interval: 200 }

/**
 * Moves a running system to its second and to its third generation of the requests with the command line. Shoppers come before,
 * while, and after. Every request that was accepted has one decision then, which its receipt alone leads to, and the sale is as
 * its ledger says.
 */
export async function moveTwice(system: OperatedSystem): Promise<void> {
  const shop = shopOf(system)
  const sku = await shop.openSale()
  const shoppers = [await shop.accepted(sku)]
  expect(await shop.generationOf(shoppers[0])).toBe(1)
  for (const next of [2, 3]) {
    await expect(system.ops("generation", "move", "--dry-run")).rejects.toMatchObject({ code: 1 })
    const halted = await shop.haltAll()
    const meanwhile = Promise.all([shop.accepted(sku), shop.accepted(sku)])
    expect((await system.ops("generation", "move")).stdout).toContain(`the requests are at generation ${next}`)
    for (const each of halted) await shop.admin.steer(each, "resume")
    shoppers.push(...(await meanwhile), await shop.accepted(sku))
    expect(await shop.generationOf(shoppers.at(-1))).toBe(next)
    expect((await shop.generations()).in_force).toBe(next)
    const { groups } = JSON.parse((await system.ops("--json", "groups", "inventory-batch-writer")).stdout) as Groups
    expect(groups).toMatchObject([{ consumers: "running", topics: [{ topic: `reservation-requests-${next}` }] }])
  }

  // Without Redis only the receipts and PostgreSQL answer.
  await system.ops("redis", "flush", "--yes")
  for (const { read } of shoppers) {
    await vi.waitFor(async () => expect(await read()).toMatchObject({ status: "RESERVED", decided: true }), patience)
  }
  const { stdout } = await system.ops("--json", "stats", sku)
  expect(JSON.parse(stdout)).toMatchObject({ reserved: shoppers.length, available: stock - shoppers.length, backlog: 0 })
  await system.ops("verify-sale")
  await system.ops("invariants")
}

function shopOf({ httpPort, ops }: OperatedSystem) {
  const url = `http://127.0.0.1:${httpPort}`
  const json = { "content-type": "application/json" }

  async function tokenOf(body: object): Promise<string> {
    const answer = await fetch(`${url}/local/token`, { method: "POST", headers: json, body: JSON.stringify(body) })
    return ((await answer.json()) as { access_token: string }).access_token
  }
  const generations = async () => JSON.parse((await ops("--json", "generation", "show")).stdout) as Generations
  const admin: ApiClient = createApiClient(url, () => tokenOf({ sub: "operator", scope: "sales:admin" }))

  return {
    admin,
    generations,

    async openSale(): Promise<string> {
      const sku = `sku-${randomUUID().slice(0, 8)}`
      await admin.create({
        sku_id: sku,
        name: "A thing",
        price_minor: 500,
        currency: "EUR",
        total_stock: stock,
        hold_seconds: 600,
      })
      await admin.steer(sku, "open")
      return sku
    },

    /** Halts every sale that puts requests into the queue. @returns their SKUs */
    async haltAll(): Promise<string[]> {
      const halted: string[] = []
      for (let { accepting } = await generations(); accepting.length > 0; { accepting } = await generations()) {
        for (const sku of accepting) await admin.steer(sku, "halt")
        halted.push(...accepting)
      }
      return halted
    },

    /** A new shopper sends one key until it is accepted, through halts and restarts, as the page does. */
    async accepted(skuId: string): Promise<Shopper> {
      const token = await vi.waitFor(() => tokenOf({ sub: randomUUID() }), patience)
      const headers = { ...json, authorization: `Bearer ${token}`, "idempotency-key": randomUUID() }
      const call = { method: "POST", headers, body: JSON.stringify({ sku_id: skuId, quantity: 1 }) }
      const { reservation_id: id, receipt } = await vi.waitFor(async () => {
        const answer = await fetch(`${url}/v1/reservations`, call)
        const body = (await answer.json()) as Reservation
        expect([201, 202], JSON.stringify(body)).toContain(answer.status)
        return body
      }, patience)
      const path = `${url}/v1/reservations/${id}?receipt=${receipt}`
      return { receipt, read: async () => (await (await fetch(path, { headers })).json()) as Reservation }
    },

    /** The generation that a shopper's receipt names. */
    async generationOf(shopper: Shopper | undefined): Promise<number> {
      const keys = `${url}/.well-known/receipt-keys.json`
      const { stdout } = await ops("--json", "receipt", "verify", shopper?.receipt ?? "", "--keys", keys)
      return (JSON.parse(stdout) as { generation: number }).generation
    },
  }
}
