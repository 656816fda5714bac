import { describe, expect, test } from "vitest"
import { routes } from "../../../core/contracts/http/routes.ts"
import { handler } from "../../../lambdas/not-found/handler.ts"
import { call } from "./call.ts"

const ask = (rawPath: string) => call(handler, "$default", { rawPath })

describe("another method on a path that exists is method-not-allowed, and the answer names the allowed methods", () => {
  const paths = Map.groupBy(routes, ({ path }) => path)
  test.each([...paths])("%s", async (path, served) => {
    const answer = await ask(path.replace("{sku_id}", "sku-001").replace(/\{\w+\}/, "0f8fad5b-d9cb-469f-a165-70867728950e"))
    expect(answer).toMatchObject({ status: 405, body: { type: "/problems/method-not-allowed" } })
    expect(answer.headers.allow?.split(", ")).toEqual(expect.arrayContaining(served.map(({ method }) => method)))
  })
})

describe("a path that is not in the API is not-found", () => {
  test.each([
    "/",
    "",
    "/v2/skus",
    "/v1/skus/",
    "/v1//skus",
    "/v1/skus/../../etc/passwd",
    "/v1/skus/%",
    "/v1/skus/%2e%2e%2f/x",
    "/V1/skus",
    "/v1/reservations/a/b/c",
  ])("%j", async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: { type: "/problems/not-found", instance: path } })
  })
})

test("a literal path has the methods of its own route, not those of a route whose parameter would match it", async () => {
  expect((await ask("/v1/reservations/batch")).headers.allow).toBe("POST")
})
