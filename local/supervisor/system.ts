import { systemEnvironment } from "../environment.ts"
import { sources } from "../event-source/sources.ts"
import { type DataServices, dataServices } from "../services/data-services.ts"
import { nodePart } from "../services/node-part.ts"
import type { Part } from "../services/part.ts"
import type { Brokers, StateFolder } from "../services/state-folder.ts"

export interface SystemOptions {
  readonly brokers: Brokers
  /** Of the gateway; every other port is picked. */
  readonly httpPort: number
}

/** The whole system on one machine. */
export interface System {
  readonly services: DataServices
  /** Our own processes, in the order they are started in. */
  readonly processes: readonly Part[]
  /** What every one of them is given. */
  readonly environment: Readonly<Record<string, string>>
}

const metricsPortOf = (part: string) => `${part}-metrics`

/** Describes every part of the system; nothing is started. @throws Error when the servers are not installed */
export async function describeSystem(folder: StateFolder, { brokers, httpPort }: SystemOptions): Promise<System> {
  const services = await dataServices(folder, { brokers, isTest: false })
  const eventSources = [...sources].map(([source, { group }]) => ({ name: group, source }))
  const scraped = ["gateway", "scheduler", ...eventSources.map(({ name }) => name)]
  const ports = await folder.ports(["payment-provider", ...scraped.map(metricsPortOf)])
  const environment = systemEnvironment(folder, httpPort)

  const process = (name: string, entry: string, port: number, more: Record<string, string>): Part =>
    nodePart({ name, entry, port, environment: { ...environment, SERVICE_NAME: name, ...more } })
  const port = (name: string) => ports[name] ?? 0
  const metricsPort = (part: string) => port(metricsPortOf(part))
  const scrapedProcess = (name: string, entry: string, more: Record<string, string> = {}) =>
    process(name, entry, metricsPort(name), { LOCAL_METRICS_PORT: String(metricsPort(name)), ...more })

  const others = scraped.filter((name) => name !== "gateway")
  return {
    services,
    environment,
    processes: [
      process("payment-provider", "local/payment-provider/main.ts", port("payment-provider"), {
        PAYMENT_PROVIDER_PORT: String(port("payment-provider")),
      }),
      ...eventSources.map(({ name, source }) => scrapedProcess(name, "local/event-source/main.ts", { EVENT_SOURCE: source })),
      scrapedProcess("scheduler", "local/scheduler/main.ts"),
      process("gateway", "local/gateway/main.ts", httpPort, {
        PORT: String(httpPort),
        LOCAL_METRICS_PORT: String(metricsPort("gateway")),
        LOCAL_METRICS_URLS: others.map((name) => `http://127.0.0.1:${metricsPort(name)}/metrics`).join(","),
      }),
    ],
  }
}
