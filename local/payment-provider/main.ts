import { join } from "node:path"
import { z } from "zod"
import { functionConfig } from "../../core/runtime/environment.ts"
import { readSecret } from "../../core/runtime/secrets.ts"
import { announceReady, stopRequested } from "../host/process.ts"
import { createPaymentProvider } from "./server.ts"

const config = functionConfig({
  PAYMENT_PROVIDER_PORT: z.coerce.number().int().min(0).max(65_535),
  LOCAL_STATE_DIR: z.string().min(1),
  /** The shop's webhook. */
  PAYMENT_WEBHOOK_URL: z.url({ protocol: /^http$/ }).optional(),
  PAYMENT_LATENCY_MS: z.coerce.number().min(0).max(60_000).default(200),
  /**
   * The provider's rate limit. Stripe's is 25 calls a second, in its sandbox and for each of its operations. Absent: no limit.
   */
  PAYMENT_PROVIDER_CALLS_PER_SECOND: z.coerce.number().int().min(1).optional(),
})

const { PAYMENT_WEBHOOK_URL: webhookUrl } = config
const provider = createPaymentProvider({
  journalPath: join(config.LOCAL_STATE_DIR, "payment-provider.jsonl"),
  // Without a configured key, any key is accepted.
  apiKey: await readSecret("PAYMENT_API_KEY").catch(() => undefined),
  latencyMs: config.PAYMENT_LATENCY_MS,
  callsPerSecond: config.PAYMENT_PROVIDER_CALLS_PER_SECOND,
  webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, secret: await readSecret("PAYMENT_WEBHOOK_SECRET") },
})
announceReady({ port: await provider.listen(config.PAYMENT_PROVIDER_PORT) })

await stopRequested()
await provider.close()
process.exit(0)
