import type { AddressInfo } from "node:net"
import { createServer, type Server } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { kafkaClient } from "../../../core/adapters/kafka/client.ts"

/** Three brokers that hang up: it is enough to see whom a client calls, and in which order. */
const called: number[] = []
let servers: Server[]
let addresses: string[]

beforeAll(async () => {
  servers = [0, 1, 2].map((broker) =>
    createServer((socket) => {
      called.push(broker)
      socket.destroy()
    }),
  )
  addresses = await Promise.all(
    servers.map(
      (server) =>
        new Promise<string>((resolve) =>
          server.listen(0, "127.0.0.1", () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`)),
        ),
    ),
  )
})
afterAll(() => {
  for (const server of servers) server.close()
})

const connect = async (firstBroker?: string): Promise<void> => {
  called.splice(0)
  const producer = kafkaClient(addresses, "test", firstBroker === undefined ? {} : { firstBroker }).producer({
    retry: { retries: 2, initialRetryTime: 1 },
  })
  await producer.connect().catch(() => {})
}

test("connections begin with the broker that is named", async () => {
  for (const broker of [0, 1, 2, 0, 1, 2]) {
    await connect(addresses[broker])
    expect(called[0]).toBe(broker)
  }
})

test("when that broker does not answer, they go on to the others", async () => {
  await connect("127.0.0.1:9")
  expect(called.length).toBeGreaterThan(0)
})

test("without a name they begin with any broker", async () => {
  const first = new Set<number | undefined>()
  for (let tries = 0; tries < 40 && first.size < 2; tries += 1) {
    await connect()
    first.add(called[0])
  }
  expect(first.size).toBeGreaterThan(1)
})
