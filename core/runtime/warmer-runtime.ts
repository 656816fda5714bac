import * as z from "zod"
import { createLambdaApi } from "../adapters/lambda/lambda-api.ts"
import { createWarmEnvironments } from "../adapters/lambda/warm-environments.ts"
import { operatorSettings } from "../adapters/postgres/operator-settings.ts"
import { salesNow } from "../adapters/postgres/sales-now.ts"
import { WarmthConfig } from "../contracts/warmth.ts"
import type { KeepWarmDeps } from "../workflows/warming/keep-warm.ts"
import { functionConfig } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"
import { openPool } from "./postgres.ts"
import { openRole } from "./role.ts"

const warmthEnvironment = {
  WARMTH: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(WarmthConfig),
  /** When Lambda's API is not at its own address. */
  AWS_ENDPOINT_URL_LAMBDA: z.url().optional(),
}
const readTimeoutMs = 5_000

/** The parts of lambdas/warmer. @throws Error that names what the environment lacks */
export async function openWarmer(resources: Resources): Promise<KeepWarmDeps> {
  const { WARMTH, AWS_ENDPOINT_URL_LAMBDA: address } = functionConfig(warmthEnvironment)
  const pool = await openPool(resources, { role: "reader", size: 1, queryTimeoutMs: readTimeoutMs })
  return {
    ...WARMTH,
    sales: (withinMs) => salesNow(pool, withinMs),
    wantedUntilMs: async () => Number((await operatorSettings(pool)).get("warm-until")?.value ?? 0),
    environments: createWarmEnvironments(createLambdaApi({ ...openRole(), ...(address !== undefined && { address }) })),
    nowMs: Date.now,
  }
}
