import { expect, test } from "vitest"
import type { Reply } from "../../../loadtest/rehearsal/client.ts"
import { readBack } from "../../../loadtest/rehearsal/read-back.ts"
import { orderOfShopper, payer } from "./given-story.ts"

const answer = (body: unknown): Reply => ({ kind: "answer", status: 200, body })

test("orders of an earlier rehearsal do not count as orders of this sale, on any page", async () => {
  const story = payer(1, 0)
  const mine = orderOfShopper(1, { sku_id: "sku-new" })
  const pages: Readonly<Record<string, Reply>> = {
    "/v1/orders": answer({ items: [orderOfShopper(2, { sku_id: "sku-old" })], next: "the-next" }),
    "/v1/orders?cursor=the-next": answer({ items: [mine], next: null }),
  }
  const reservation = answer({
    reservation_id: mine.reservation_id,
    sku_id: "sku-new",
    quantity: 1,
    status: "CONFIRMED",
    decided: true,
  })
  await readBack(
    async ({ path }) => pages[path] ?? reservation,
    "sku-new",
    [story],
    () => 0,
  )
  expect(story.orders).toEqual([mine])
})
