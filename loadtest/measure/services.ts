import { kafkaParts } from "../../local/services/kafka.ts"
import { pickPort } from "../../local/services/ports.ts"
import { serverTools } from "../../local/services/tools.ts"
import type { Cluster } from "./cluster.ts"
import type { BenchServices } from "./contestant.ts"

const kafkaHeapMb = 512

/** The servers that contestants use. The broker runs only while a contestant needs it. */
export function benchServices(cluster: Cluster): BenchServices {
  let broker: Awaited<ReturnType<typeof startBroker>> | undefined
  return {
    cluster,
    async kafka() {
      broker ??= await startBroker(cluster)
      const { brokers, pid } = broker
      return { brokers, pids: () => [pid] }
    },
    async restKafka() {
      await broker?.stop()
      broker = undefined
    },
  }
}

async function startBroker(cluster: Cluster) {
  const port = await pickPort(new Set())
  const [part] = kafkaParts(cluster.folder, serverTools(), {
    ports: [{ broker: port, controller: await pickPort(new Set([port])) }],
    heapMb: kafkaHeapMb,
  })
  if (part === undefined) throw new Error("One port makes one broker")
  const { pid, stop } = await cluster.start(part)
  return { brokers: `127.0.0.1:${port}`, pid, stop }
}
