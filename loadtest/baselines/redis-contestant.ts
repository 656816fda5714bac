import { once } from "node:events"
import { Redis } from "ioredis"
import { pickPort } from "../../local/services/ports.ts"
import { redisPart } from "../../local/services/redis.ts"
import { serverTools } from "../../local/services/tools.ts"
import type { Cluster } from "../measure/cluster.ts"
import type { Contestant } from "../measure/contestant.ts"
import { BenchFailed } from "../measure/failed.ts"
import type { ProfileName } from "../measure/result.ts"
import { type Counted, closedLoop, type Decide } from "./closed-loop.ts"
import { kafkaLog } from "./kafka-log.ts"
import reserveScript from "./reserve.lua"
import { measuredSku, stockOf, warmUpSeconds, warmUpSku, warmUpStock } from "./stocks.ts"

/** When Redis waits for the disk: before every answer, or once a second independently of the answers. */
export type Appendfsync = "always" | "everysec"

const redisMemoryMb = 2_048
const reserveKeys = 3

/** One Lua call a request, on a number of connections. With `kafka`, a reservation goes to Kafka before the answer. */
export const redisContestant = (
  appendfsync: Appendfsync,
  kafka: boolean,
  profile: ProfileName,
  connections: number,
): Contestant => ({
  name: `redis-lua-${appendfsync}${kafka ? "-kafka" : ""}`,
  profile,
  connections,
  async play(services, meter, seconds) {
    const server = await startRedis(services.cluster, appendfsync)
    const clients = await connect(server.port, connections)
    const log = kafka ? await kafkaLog(services) : undefined
    const stocks = { [warmUpSku]: warmUpStock, [measuredSku]: stockOf[profile] ?? 0 }
    const counted: Record<number, Counted> = { [warmUpSku]: nothing(), [measuredSku]: nothing() }
    const [admin] = clients
    try {
      for (const [skuNo, total] of Object.entries(stocks)) await admin?.hset(saleKey(Number(skuNo)), { total, reserved: 0 })
      const deciders = clients.map((client): Decide => (log ? log.producing(decider(client)) : decider(client)))
      await closedLoop(deciders, warmUpSku, warmUpSeconds, counted[warmUpSku] ?? nothing())
      const serverPids = async () => [server.pid, ...(log?.pids() ?? [])]
      await meter.timed({ serverPids }, () =>
        closedLoop(deciders, measuredSku, seconds, counted[measuredSku] ?? nothing(), meter),
      )
      for (const [skuNo, total] of Object.entries(stocks)) {
        const reserved = Number(await admin?.hget(saleKey(Number(skuNo)), "reserved"))
        const answered = counted[Number(skuNo)]
        if (reserved !== answered?.reserved || reserved > total || (answered.refused > 0 && reserved < total)) {
          throw new BenchFailed(`Redis counts ${reserved} of ${total}, answered ${JSON.stringify(answered)}`)
        }
      }
    } finally {
      await log?.close()
      for (const client of clients) client.disconnect()
      await server.stop()
    }
  },
})

const saleKey = (skuNo: number) => `sale:${skuNo}`
const nothing = (): Counted => ({ reserved: 0, refused: 0 })

/** Redis with its append-only file on the disk of the cluster. The file is not rewritten during a run. */
async function startRedis(cluster: Cluster, appendfsync: Appendfsync) {
  const port = await pickPort(new Set())
  const name = `redis-${port}`
  const part = redisPart(cluster.folder, serverTools(), { name, port, maxMemoryMb: redisMemoryMb, databases: 1 })
  const durable = ["--appendonly", "yes", "--appendfsync", appendfsync, "--auto-aof-rewrite-percentage", "0"]
  const running = await cluster.start({ ...part, command: { ...part.command, args: [...part.command.args, ...durable] } })
  return { port, pid: running.pid, stop: running.stop }
}

async function connect(port: number, connections: number): Promise<Redis[]> {
  const clients = Array.from({ length: connections }, () => new Redis(port, "127.0.0.1", { scripts: { reserve: script } }))
  await Promise.all(clients.map((client) => once(client, "ready")))
  return clients
}
const script = { lua: reserveScript, numberOfKeys: reserveKeys }

function decider(client: Redis): Decide {
  const { reserve } = client as unknown as { reserve(...keys: string[]): Promise<number> }
  return async ({ id, userId, skuNo }) => {
    const outcome = await reserve.call(client, saleKey(skuNo), `r:${id}`, `u:${skuNo}:${userId}`)
    return { outcome, attempts: 1 }
  }
}
