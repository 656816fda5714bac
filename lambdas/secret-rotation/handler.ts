import { ElastiCacheClient } from "@aws-sdk/client-elasticache"
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import * as z from "zod"
import { logger } from "../../core/adapters/telemetry.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { cacheTokenRotation } from "./cache-token.ts"
import { kafkaLoginRotation } from "./kafka-login.ts"
import { receiptKeysRotation } from "./receipt-keys.ts"
import { refuseNearSale, SaleWindows } from "./sale-windows.ts"
import { secretVersions } from "./versions.ts"
import { type Rotation, rotate, steps } from "./workflow.ts"

const config = functionConfig({
  ...stageEnvironment,
  RECEIPT_KEYS_SECRET_ARN: z.string().min(1),
  REDIS_AUTH_TOKEN_SECRET_ARN: z.string().min(1),
  /** Only where the brokers require a password. */
  KAFKA_LOGIN_SECRET_ARN: z.string().min(1).optional(),
  REPLICATION_GROUP_ID: z.string().min(1),
  SALE_WINDOWS: SaleWindows,
})

const RotationEvent = z.object({ Step: z.enum(steps), SecretId: z.string(), ClientRequestToken: z.string() })
type Context = { getRemainingTimeInMillis(): number }

export const runtime = defineRuntime(async (resources) => ({
  secretsManager: resources.own(new SecretsManagerClient({}), { close: (client) => client.destroy() }),
  elastiCache: resources.own(new ElastiCacheClient({}), { close: (client) => client.destroy() }),
}))

/**
 * One step of a rotation, called by Secrets Manager. A second call with the same token repeats nothing.
 * @throws Error near a sale, for a secret of another owner, or when the step cannot be finished now: Secrets Manager then tries
 * again
 */
export async function handler(event: unknown, context: Context): Promise<void> {
  const { Step: step, SecretId: secret, ClientRequestToken: token } = RotationEvent.parse(event)
  refuseNearSale(config.SALE_WINDOWS, Date.now())
  const { secretsManager, elastiCache } = await runtime.open()
  const rotation = rotationOf(secret, elastiCache, context)
  await rotate(step, token, { versions: secretVersions(secretsManager, secret), rotation })
  logger.info("A step of a rotation is done", { step, secret })
}

function rotationOf(secret: string, elastiCache: ElastiCacheClient, context: Context): Rotation {
  switch (secret) {
    case config.RECEIPT_KEYS_SECRET_ARN:
      return receiptKeysRotation
    case config.REDIS_AUTH_TOKEN_SECRET_ARN:
      return cacheTokenRotation(elastiCache, config.REPLICATION_GROUP_ID, () => context.getRemainingTimeInMillis())
    case config.KAFKA_LOGIN_SECRET_ARN:
      return kafkaLoginRotation
    default:
      throw new Error(`${secret} is not among the secrets that this function rotates`)
  }
}
