import { consumerGroup, type GroupName, groupNames } from "../../core/contracts/consumer-groups.ts"
import { alarmsPart, mailServerPart, systemEnvironment } from "../environment.ts"
import { type DataServices, dataServices } from "../services/data-services.ts"
import { nodePart } from "../services/node-part.ts"
import type { Part } from "../services/part.ts"
import type { Brokers, StateFolder } from "../services/state-folder.ts"

export interface SystemOptions {
  readonly brokers: Brokers
  /** The port of the gateway. The system chooses every other port. */
  readonly httpPort: number
  /** Gateway processes that share this port. */
  readonly gateways: number
  /** Processes of a consumer group, which share its partitions; one of each group that is not named. */
  readonly consumers: ConsumerCounts
  /** Clients may send the headers that only an edge sends. */
  readonly takesTestHeaders: boolean
}

export type ConsumerCounts = Readonly<Partial<Record<GroupName, number>>>

/** The whole system on one machine. */
export interface System {
  readonly services: DataServices
  /** Our own processes, in the order in which they start. */
  readonly processes: readonly Part[]
  /** The environment variables of every one of them. */
  readonly environment: Readonly<Record<string, string>>
}

/** The names of parts that do the same: `gateway`, `gateway-2`, ... */
const copiesOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}-${index + 1}`))

/** The processes of consumer groups for whose work nobody waits leave the processor to the others. */
const backgroundNiceness = 10

const metricsPortOf = (part: string) => `${part}-metrics`

/** Describes every part of the system; nothing is started. @throws Error when the servers are not installed */
export async function describeSystem(
  folder: StateFolder,
  { brokers, httpPort, gateways, consumers, takesTestHeaders }: SystemOptions,
): Promise<System> {
  const services = await dataServices(folder, { brokers, isTest: false })
  const eventSources = groupNames().map((group) => ({ group, parts: copiesOf(group, consumers[group] ?? 1) }))
  const gatewayParts = copiesOf("gateway", gateways)
  const scraped = [...gatewayParts, "scheduler", ...eventSources.flatMap(({ parts }) => parts)]
  const shared = new Set(
    [gatewayParts, ...eventSources.map(({ parts }) => parts)].flatMap((parts) => (parts.length > 1 ? parts : [])),
  )
  const ports = await folder.ports(["payment-provider", mailServerPart, alarmsPart, ...scraped.map(metricsPortOf)])
  const environment = systemEnvironment(folder, httpPort)

  const process = (name: string, entry: string, port: number, more: Record<string, string>, niceness?: number): Part =>
    nodePart({
      ...{ name, entry, port, niceness, environment: { ...environment, WARM_UP: "on", SERVICE_NAME: name, ...more } },
      // A part that no other part stands in for serves at once when it starts again: shoppers wait for it.
      ...(!shared.has(name) && { atRestart: { WARM_UP: "off" } }),
    })
  const port = (name: string) => ports[name] ?? 0
  const metricsPort = (part: string) => port(metricsPortOf(part))
  const scrapedProcess = (name: string, entry: string, more: Record<string, string> = {}, niceness?: number) =>
    process(name, entry, metricsPort(name), { LOCAL_METRICS_PORT: String(metricsPort(name)), ...more }, niceness)
  const consumer = (group: GroupName, name: string) =>
    scrapedProcess(
      name,
      "local/event-source/main.ts",
      { EVENT_SOURCE: group },
      consumerGroup(group).isWaitedFor ? undefined : backgroundNiceness,
    )

  return {
    services,
    environment,
    processes: [
      process("payment-provider", "local/payment-provider/main.ts", port("payment-provider"), {
        PAYMENT_PROVIDER_PORT: String(port("payment-provider")),
        PAYMENT_WEBHOOK_URL: `http://127.0.0.1:${httpPort}/v1/payments/webhook`,
      }),
      process(
        mailServerPart,
        "local/mail/main.ts",
        port(mailServerPart),
        { MAIL_SERVER_PORT: String(port(mailServerPart)) },
        backgroundNiceness,
      ),
      process(
        alarmsPart,
        "local/alarms/main.ts",
        port(alarmsPart),
        { ALARMS_PORT: String(port(alarmsPart)) },
        backgroundNiceness,
      ),
      ...eventSources.flatMap(({ group, parts }) => parts.map((part) => consumer(group, part))),
      scrapedProcess("scheduler", "local/scheduler/main.ts"),
      ...gatewayParts.map((gateway) =>
        process(gateway, "local/gateway/main.ts", httpPort, {
          PORT: String(httpPort),
          GATEWAYS: String(gateways),
          LOCAL_TEST_HEADERS: String(takesTestHeaders),
          LOCAL_METRICS_PORT: String(metricsPort(gateway)),
          LOCAL_METRICS_URLS: scraped
            .filter((name) => name !== gateway)
            .map((name) => `http://127.0.0.1:${metricsPort(name)}/metrics`)
            .join(","),
        }),
      ),
    ],
  }
}
