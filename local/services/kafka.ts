import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { withAdmin } from "../../core/adapters/kafka/admin.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { type Part, plainEnvironment } from "./part.ts"
import type { StateFolder } from "./state-folder.ts"
import type { Tools } from "./tools.ts"

const run = promisify(execFile)
const answerTimeoutMs = 1_000
const loggingFile = fileURLToPath(new URL("./kafka-log4j2.properties", import.meta.url))
const maxReplication = 3
const maxMinInSync = 2

/** Ports and directory of one node. Each is broker and controller at once. */
interface Node {
  readonly id: number
  readonly name: string
  readonly port: number
  /** The port in the metadata that clients read. */
  readonly advertisedPort: number
  readonly controllerPort: number
  readonly data: string
}

export interface KafkaOptions {
  /**
   * Of the nodes, one for each broker. Clients connect to `advertised`, where that is not the broker's own: a proxy in front of
   * it.
   */
  readonly ports: readonly { readonly broker: number; readonly controller: number; readonly advertised?: number }[]
  readonly heapMb: number
}

/** The names of the parts: `kafka` if it is alone, otherwise `kafka-1`, `kafka-2`, ... */
export const kafkaNodeNames = (nodes: number): string[] =>
  nodes === 1 ? ["kafka"] : Array.from({ length: nodes }, (_, index) => `kafka-${index + 1}`)

/** A Kafka cluster in KRaft mode, one part for each node. */
export function kafkaParts(folder: StateFolder, tools: Tools, { ports, heapMb }: KafkaOptions): Part[] {
  const names = kafkaNodeNames(ports.length)
  const nodes = ports.map(({ broker, controller, advertised = broker }, index): Node => {
    const name = names[index] ?? ""
    return { id: index + 1, name, port: broker, advertisedPort: advertised, controllerPort: controller, data: folder.path(name) }
  })
  // The serial collector has the smallest footprint, and two cores have no use for a parallel one. The second compiler stays out:
  // for minutes it takes a third of a core from the sale (at 300 to 800 reservations/s the broker takes 0.33 cores and not 0.35
  // to 0.57), and starts later.
  const jvm = [
    ...[`-Xmx${heapMb}m`, "-XX:+ExitOnOutOfMemoryError", `-Dlog4j2.configurationFile=${loggingFile}`],
    ...kafkaProgram(tools),
  ]
  return nodes.map((node) => ({
    name: node.name,
    port: node.port,
    stopSignal: "SIGTERM",
    command: { file: tools.java, args: [...jvm, "kafka.Kafka", `${node.data}.properties`], env: plainEnvironment() },
    prepare: () => format(node, nodes, folder, tools),
    isHealthy: () => isInCluster(node),
  }))
}

/** The options that every program of Kafka runs with. */
const kafkaProgram = ({ kafkaJars, kafkaClasses }: Tools): string[] => [
  ...["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", join(kafkaJars, "*")],
  ...(kafkaClasses === undefined ? [] : [`-XX:SharedArchiveFile=${kafkaClasses}`]),
]

/** The settings are written at every start, because ports may have moved; the storage is formatted once. */
async function format(node: Node, nodes: readonly Node[], folder: StateFolder, tools: Tools): Promise<void> {
  const settings = `${node.data}.properties`
  writeFileSync(settings, properties(node, nodes))
  if (existsSync(join(node.data, "meta.properties"))) return
  rmSync(node.data, { recursive: true, force: true })
  mkdirSync(node.data)
  await run(
    tools.java,
    [...kafkaProgram(tools), ...["kafka.tools.StorageTool", "format", "--config", settings, "--cluster-id", clusterId(folder)]],
    { env: plainEnvironment() },
  )
}

const idBytes = 16

/**
 * The cluster's id, which every node is formatted with: random, as Kafka writes ids; one that began with a dash would be an
 * option.
 */
function clusterId(folder: StateFolder): string {
  const file = folder.path("kafka-cluster-id")
  if (!existsSync(file)) writeFileSync(file, randomBytes(idBytes).toString("base64url").replace(/^-/, "A"))
  return readFileSync(file, "utf8")
}

function properties(node: Node, nodes: readonly Node[]): string {
  const replication = Math.min(maxReplication, nodes.length)
  const minInSync = Math.min(maxMinInSync, nodes.length)
  const broker = (port: number) => `PLAINTEXT://127.0.0.1:${port}`
  const settings = {
    "process.roles": "broker,controller",
    "node.id": node.id,
    // The voters are read from here at each start. A dynamic quorum keeps their addresses in its log, and three nodes whose
    // ports have moved never find each other again.
    "controller.quorum.voters": nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(","),
    "controller.listener.names": "CONTROLLER",
    listeners: `${broker(node.port)},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    // Kafka 3 refuses the controller's listener here.
    "advertised.listeners": broker(node.advertisedPort),
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": node.data,
    "auto.create.topics.enable": false,
    "unclean.leader.election.enable": false,
    "default.replication.factor": replication,
    "min.insync.replicas": minInSync,
    "offsets.topic.replication.factor": replication,
    // 50 by default: each is a file to open at every start, for two consumer groups.
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": replication,
    "transaction.state.log.min.isr": minInSync,
    // A node that was killed is not let in again until its old session has ended: 12 s with the 9 s by default, too long to wait.
    "broker.session.timeout.ms": 3_000,
    "broker.heartbeat.interval.ms": 500,
    // 500 by default: an idle cluster writes a record so often only to show that it is alive.
    "metadata.max.idle.interval.ms": 10_000,
    // Consumers start one after the other here; waiting for the others would only delay the first.
    "group.initial.rebalance.delay.ms": 0,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("")
}

/** A node serves when the cluster counts it among its brokers. */
async function isInCluster(node: Node): Promise<boolean> {
  try {
    const kafka = kafkaClient([`127.0.0.1:${node.port}`], "health", { requestTimeoutMs: answerTimeoutMs })
    const { brokers } = await withAdmin(kafka, (admin) => admin.describeCluster())
    return brokers.some(({ nodeId }) => nodeId === node.id)
  } catch {
    return false
  }
}
