import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { publicEndpoint } from "../../../core/adapters/http/handler.ts"
import { httpHandler } from "../../../core/runtime/http-handler.ts"
import { call } from "./call.ts"

const handler = httpHandler({
  "GET /v1/skus": publicEndpoint({}, async () => ({ status: 200, body: {} })),
  "GET /v1/skus/{sku_id}": publicEndpoint({}, async ({ path }) => ({ status: 200, body: path })),
})

describe("a path has one spelling", () => {
  test("a route's own path is served", async () => {
    expect(await call(handler, "GET /v1/skus", { rawPath: "/v1/skus" })).toMatchObject({ status: 200 })
    const sku_id = `sku-${randomUUID()}`
    const answer = await call(handler, "GET /v1/skus/{sku_id}", { rawPath: `/v1/skus/${sku_id}`, path: { sku_id } })
    expect(answer).toMatchObject({ status: 200, body: { sku_id } })
  })

  test.each([
    "/v1/%73kus",
    "//v1/skus",
    "/v1/skus/",
    "/v1/./skus",
    "/v1/admin/../skus",
    "/v1/skus;x",
    "/V1/skus",
    "/v1/skus%3Fa",
  ])("%s is nothing, even if the gateway takes it for the route /v1/skus", async (rawPath) => {
    expect(await call(handler, "GET /v1/skus", { rawPath })).toMatchObject({ status: 404, body: { type: "/problems/not-found" } })
  })

  test.each(["/v1/skus/sku%2D1", "/v1/skus//sku-1", "/v1/skus/sku-1/", "/v1/skus/a/../sku-1"])(
    "%s is nothing, even if the gateway reads the parameter sku-1 in it",
    async (rawPath) => {
      expect(await call(handler, "GET /v1/skus/{sku_id}", { rawPath, path: { sku_id: "sku-1" } })).toMatchObject({ status: 404 })
    },
  )
})
