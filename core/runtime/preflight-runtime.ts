import type { EndOffsets } from "../adapters/kafka/offsets.ts"
import { createSaleFigures } from "../adapters/redis/sale-figures.ts"
import { lazyAsync } from "../concurrency/lazy-async.ts"
import { consumerGroups } from "../contracts/consumer-groups.ts"
import { type TopicKey, topics } from "../contracts/topics.ts"
import type { PreflightDeps } from "../workflows/preflight/preflight.ts"
import type { OperateGroups } from "../workflows/streams/operate-groups.ts"
import { functionConfig, stageEnvironment } from "./environment.ts"
import { environmentTopics, openKafka } from "./kafka.ts"
import type { Resources } from "./lifecycle.ts"
import { openPaymentProvider } from "./payment-provider.ts"
import { openPool } from "./postgres.ts"
import { openReadyRedis } from "./redis.ts"

/** The invariants take one connection for long; the other checks share the rest. */
const poolSize = 3
/** A check has less time than a broker that does not answer. */
const requestTimeoutMs = 5_000

/** Opens what the checklist looks at. What cannot be opened fails its own checks only. */
export async function openPreflight(
  resources: Resources,
  { groups, endOffsets, requestsTopic }: { groups: OperateGroups; endOffsets: EndOffsets; requestsTopic: string },
): Promise<PreflightDeps> {
  const { STAGE: stage } = functionConfig(stageEnvironment)
  const names = environmentTopics()
  const redis = lazyAsync(() => openReadyRedis(resources))
  return {
    pool: await openPool(resources, { role: "reader", size: poolSize }),
    kafka: openKafka("ops", { requestTimeoutMs }),
    ...{ groups, endOffsets, requestsTopic, redis },
    ours: Object.keys(consumerGroups),
    topics: (Object.keys(topics) as TopicKey[]).map((key) => ({ ...topics[key], name: names[key] })),
    deadLettersTopic: names.deadLetters,
    figures: async () => createSaleFigures(await redis()),
    provider: async () => openPaymentProvider(await redis()),
    ...mendsOf(stage),
  }
}

/** What brings a stage, or the local system, to the schema and the topics of this version; and its key for payments. */
function mendsOf(stage: string): Pick<PreflightDeps, "mendSchema" | "mendTopics" | "mendPaymentKey"> {
  if (stage === "local") return { mendSchema: "npm start", mendTopics: "npm start", mendPaymentKey: "npm start" }
  const deploy = `npx cdk deploy "${stage}/**" --concurrency 3`
  return {
    ...{ mendSchema: deploy, mendTopics: deploy },
    mendPaymentKey: `aws secretsmanager put-secret-value --secret-id flash-sale/${stage}/PAYMENT_API_KEY --secret-string <key>`,
  }
}
