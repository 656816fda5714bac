import type { Order } from "../../core/contracts/http/checkout.ts"
import { nameOf, ordersOf, reservationIn } from "./answers.ts"
import type { Reply, Send } from "./client.ts"
import { reservationIdIn, type Story } from "./story.ts"

const maxAtOnce = 32
const maxTries = 3

/**
 * Reads the state of the system after the sale: the reservation of every shopper who knows of one, and the orders of every
 * shopper who tried to pay. Only orders of this sale count, because on a deployed system the same shoppers take part in several
 * rehearsals. The results are added to the stories.
 *
 * @returns the reads that failed
 */
export async function readBack(send: Send, skuId: string, stories: readonly Story[], nowMs: () => number): Promise<string[]> {
  const failures: string[] = []
  const left = stories.values()
  const worker = async (): Promise<void> => {
    for (const story of left) failures.push(...(await readStory(send, skuId, story, nowMs)))
  }
  await Promise.all(Array.from({ length: maxAtOnce }, worker))
  return failures
}

async function readStory(send: Send, skuId: string, story: Story, nowMs: () => number): Promise<string[]> {
  const failures: string[] = []
  const id = reservationIdIn(story)
  if (id !== undefined) {
    const sentAtMs = nowMs()
    const reply = await read(send, story.location ?? `/v1/reservations/${id}`, story.token)
    const final = reservationIn(reply)
    if (final) {
      story.final = final
      story.heard.push({ ...final, sentAtMs, atMs: nowMs() })
    } else failures.push(`the reservation of shopper ${story.plan.number}: ${nameOf(reply)}`)
  }
  if (story.checkoutSentAtMs !== undefined) {
    const orders = await readOrders(send, story.token)
    if (typeof orders === "string") failures.push(`the orders of shopper ${story.plan.number}: ${orders}`)
    else story.orders = orders.filter(({ sku_id }) => sku_id === skuId)
  }
  return failures
}

/** All orders of a shopper, page by page; or the reply that was not a page. */
async function readOrders(send: Send, token: string): Promise<Order[] | string> {
  const orders: Order[] = []
  for (let path = "/v1/orders"; ; ) {
    const reply = await read(send, path, token)
    const page = ordersOf(reply)
    if (page === undefined) return nameOf(reply)
    orders.push(...page.items)
    if (typeof page.next !== "string") return orders
    path = `/v1/orders?cursor=${page.next}`
  }
}

async function read(send: Send, path: string, token: string): Promise<Reply> {
  let reply = await send({ method: "GET", path, token })
  for (let tries = 1; tries < maxTries && (reply.kind === "failed" || reply.status >= 500); tries += 1) {
    reply = await send({ method: "GET", path, token })
  }
  return reply
}
