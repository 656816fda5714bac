import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { awsVariables } from "../../services/secrets-manager.ts"

const ClusterArn = "arn:aws:kafka:eu-central-1:111111111111:cluster/flash-sale/1"
const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(decodeURIComponent(request.url ?? ""))
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify({ bootstrapBrokerStringSaslIam: "b-1:9098,b-2:9098,b-3:9098" }))
})
let handler: typeof import("../../../lambdas/bootstrap-brokers/handler.ts").handler

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  Object.assign(process.env, awsVariables, {
    AWS_ENDPOINT_URL_KAFKA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  handler = (await import("../../../lambdas/bootstrap-brokers/handler.ts")).handler
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const create = (Auth: string) => handler({ RequestType: "Create", ResourceProperties: { ClusterArn, Auth } })

test("the template receives the brokers of its cluster that accept IAM", async () => {
  expect(await create("iam")).toEqual({
    PhysicalResourceId: `${ClusterArn}/brokers/iam`,
    Data: { Brokers: "b-1:9098,b-2:9098,b-3:9098" },
  })
  expect(asked).toEqual([`/v1/clusters/${ClusterArn}/bootstrap-brokers`])
})

test("a cluster without the requested authentication fails the deployment with a message that names it", async () => {
  await expect(create("scram")).rejects.toThrow("no brokers that take scram")
})

test("deleting the resource calls no service", async () => {
  const before = asked.length
  const event = { RequestType: "Delete", PhysicalResourceId: "x", ResourceProperties: {} }
  expect(await handler(event)).toEqual({ PhysicalResourceId: "x" })
  expect(asked).toHaveLength(before)
})
