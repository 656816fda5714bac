import { Redis } from "ioredis"
import { expect, vi } from "vitest"
import { faultProxy } from "./fault-proxy.ts"
import { type PrivateRedis, privateRedis } from "./private.ts"

const replicationTimeoutMs = 10_000

/** A Redis server, and a client of the test for this server alone. */
export interface Node extends PrivateRedis {
  readonly port: number
  readonly client: Redis
}

async function startNode(): Promise<Node> {
  const server = await privateRedis()
  const client = new Redis(server.url)
  // Tests kill servers; a call to a dead server fails by itself.
  client.on("error", () => {})
  return { ...server, port: Number(new URL(server.url).port), client }
}

/** A primary and its replica, as in a replication group of ElastiCache. */
export interface RedisPair {
  readonly primary: Node
  readonly replica: Node
  /** Resolves when the replica has everything that the primary has. */
  inSync(): Promise<void>
  /** From now on the replica receives nothing, and neither server notices. */
  cut(): void
  /** Makes the replica the primary. Data that it has not received is lost; the old primary continues as it was. */
  promote(): Promise<void>
  /** Makes the old primary a replica of the new one: it answers PING and reads, and refuses writes. */
  demote(): Promise<void>
  close(): Promise<void>
}

/** Starts two servers, the second a replica of the first. */
export async function redisPair(): Promise<RedisPair> {
  const [primary, replica] = await Promise.all([startNode(), startNode()])
  // By default the primary waits 5 s for more replicas before it sends its data.
  await primary.client.config("SET", "repl-diskless-sync-delay", "0")
  await replica.client.config("SET", "repl-diskless-sync-delay", "0")
  const link = await faultProxy(primary.port)
  const follow = ({ client }: Node, port: number) => client.call("REPLICAOF", "127.0.0.1", String(port))
  await follow(replica, link.port)

  async function inSync(): Promise<void> {
    const info = async ({ client }: Node) => client.info("replication")
    const offsetOf = (replication: string) => /(?:slave|master)_repl_offset:(\d+)/.exec(replication)?.[1]
    await vi.waitFor(
      async () => {
        const replication = await info(replica)
        expect(replication).toContain("master_link_status:up")
        expect(offsetOf(replication)).toBe(offsetOf(await info(primary)))
      },
      { timeout: replicationTimeoutMs },
    )
  }
  await inSync()

  return {
    primary,
    replica,
    inSync,
    cut: () => link.deafen(),
    promote: async () => void (await replica.client.call("REPLICAOF", "NO", "ONE")),
    demote: async () => void (await follow(primary, replica.port)),
    async close() {
      for (const { client } of [primary, replica]) client.disconnect()
      link.close()
      await Promise.all([primary.stop(), replica.stop()])
    },
  }
}
