import { ElastiCacheClient } from "@aws-sdk/client-elasticache"
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import * as z from "zod"
import { logger } from "../../core/adapters/telemetry.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
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
  /** Only where Kafka asks for a password. */
  KAFKA_LOGIN_SECRET_ARN: z.string().min(1).optional(),
  REPLICATION_GROUP_ID: z.string().min(1),
  SALE_WINDOWS: SaleWindows,
})

const RotationEvent = z.object({ Step: z.enum(steps), SecretId: z.string(), ClientRequestToken: z.string() })
type Context = { getRemainingTimeInMillis(): number }

const secretsManager = new SecretsManagerClient({})
const elastiCache = new ElastiCacheClient({})

/**
 * One step of a rotation, called by Secrets Manager; each may be called again with the same token, and does nothing twice.
 * @throws Error near a sale, for a secret that is not ours to rotate, or when the step cannot be finished now: it is then tried again
 */
export async function handler(event: unknown, context: Context): Promise<void> {
  const { Step: step, SecretId: secret, ClientRequestToken: token } = RotationEvent.parse(event)
  refuseNearSale(config.SALE_WINDOWS, Date.now())
  await rotate(step, token, { versions: secretVersions(secretsManager, secret), rotation: rotationOf(secret, context) })
  logger.info("Rotated a step", { step, secret })
}

function rotationOf(secret: string, context: Context): Rotation {
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
