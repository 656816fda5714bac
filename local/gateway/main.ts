import { fileURLToPath } from "node:url"
import { z } from "zod"
import { prometheusContentType } from "../../core/adapters/prometheus.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { functionConfig } from "../../core/runtime/environment.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { warmProcess } from "../host/warm-up.ts"
import { openIssuer } from "../identity/issuer.ts"
import { identityRoutes } from "../identity/token-route.ts"
import { collectMetrics, metricsPage, serveMetrics } from "../metrics/endpoint.ts"
import { mergedPage } from "../metrics/merged-page.ts"
import { loadFunctions } from "./handlers.ts"
import type { LocalRoute } from "./local-routes.ts"
import { openPage } from "./page.ts"
import { createGateway } from "./server.ts"
import { prepareGatewayCalls } from "./warm-up.ts"

const Port = z.coerce.number().int().min(0).max(65_535)

const config = functionConfig({
  PORT: Port.default(8080),
  /** Processes that share the port. */
  GATEWAYS: z.coerce.number().int().min(1).default(1),
  /** For load tests: clients may send the headers that only an edge sends. */
  LOCAL_TEST_HEADERS: z.stringbool().default(false),
  LOCAL_STATE_DIR: z.string().min(1),
  LOCAL_METRICS_PORT: Port.optional(),
  LOCAL_METRICS_URLS: z
    .string()
    .default("")
    .transform((list) => list.split(",").filter(Boolean)),
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().min(1),
})

const collector = collectMetrics()
if (config.LOCAL_METRICS_PORT !== undefined) await serveMetrics(collector, config.LOCAL_METRICS_PORT)

const issuer = await openIssuer({
  stateDir: config.LOCAL_STATE_DIR,
  issuer: config.TOKEN_ISSUER,
  audience: config.TOKEN_AUDIENCE,
})

const metricsRoute: LocalRoute = {
  method: "GET",
  path: "/metrics",
  answer: async () => ({
    statusCode: 200,
    headers: { "content-type": prometheusContentType },
    body: await mergedPage(metricsPage(collector), config.LOCAL_METRICS_URLS),
  }),
}

const page = openPage(fileURLToPath(new URL("../../web/dist", import.meta.url)))
if (!page.isBuilt) logger.warn("The shop's page is not built; the gateway serves the API alone. Build it: npm run build:web")

const functions = await loadFunctions()
const gateway = createGateway({
  functions,
  localRoutes: [...identityRoutes(issuer), metricsRoute],
  page,
  sharesPort: config.GATEWAYS > 1,
  takesTestHeaders: config.LOCAL_TEST_HEADERS,
})
const warmWhileServing = await warmProcess(functions, prepareGatewayCalls(functions))
announceReady({ port: await gateway.listen(config.PORT) })
warmWhileServing()

await stopRequested()
await gateway.close()
process.exit(0)
