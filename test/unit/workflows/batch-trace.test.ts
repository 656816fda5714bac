import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { refused, type ShopperRequest } from "../../../core/workflows/admission/resolve-request.ts"
import { reserveBatch } from "../../../lambdas/reserve-batch/workflow.ts"

test("the first item of a batch stands for all of them in its trace: a call has hundreds of items", async () => {
  const submitted: ShopperRequest[] = []
  const reserving = {
    submitRequest: async (request: ShopperRequest) => {
      submitted.push(request)
      return refused("sold-out")
    },
    receipts: { sign: async () => "" },
  }
  await reserveBatch(
    { reserving, noteCall: async () => true },
    {
      items: Array.from({ length: 300 }, () => ({ user_id: randomUUID(), sku_id: "sku-1", quantity: 1 })),
      client: { userId: randomUUID(), issuer: "https://identity.example" },
      ...{ idempotencyKey: "key", instance: "/v1/reservations/batch" },
      trace: { correlationId: "c-1", traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
    },
  )
  expect(submitted).toHaveLength(300)
  expect(submitted.filter(({ trace }) => trace !== undefined)).toHaveLength(1)
})
