import { createRequestLog, requestLogLimits } from "../../core/adapters/kafka/request-log.ts"
import type { Consumers } from "../../core/adapters/lambda/consumers.ts"
import { checkTimeoutMs } from "../../core/adapters/postgres/invariants.ts"
import { firstContact } from "../../core/adapters/redis/guard.ts"
import { lazyAsync } from "../../core/concurrency/lazy-async.ts"
import { openAdministration } from "../../core/runtime/administration-runtime.ts"
import { openAnalyticsStore } from "../../core/runtime/analytics.ts"
import { openComparison } from "../../core/runtime/comparison-runtime.ts"
import { openEndOffsets, openKafka } from "../../core/runtime/kafka.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openMending } from "../../core/runtime/mending-runtime.ts"
import { openNoticeStore } from "../../core/runtime/notice-store.ts"
import { openLambdaConsumers, openOperateGroups } from "../../core/runtime/operate-groups-runtime.ts"
import { openOrderAdministration } from "../../core/runtime/order-administration-runtime.ts"
import { openPool } from "../../core/runtime/postgres.ts"
import { openPreflight } from "../../core/runtime/preflight-runtime.ts"
import { openRedis } from "../../core/runtime/redis.ts"
import { requestsLog } from "../../core/runtime/requests-log.ts"

/**
 * The parts that the commands use. Each is opened by the first command that needs it: a verification needs PostgreSQL alone,
 * and must be possible during an outage of Kafka and Redis.
 *
 * @param makeConsumers what stops and starts the consumers of the system that this process operates
 */
export const createOpsRuntime = (makeConsumers: () => Consumers = openLambdaConsumers) =>
  defineRuntime(async (resources) => {
    const log = requestsLog()
    const { topic: requestsTopic } = log
    const readerPool = lazyAsync(() => openPool(resources, { role: "reader", size: 1, queryTimeoutMs: checkTimeoutMs }))
    /** One connection for commands that must be possible without Redis, which the administration opens. */
    const adminPool = lazyAsync(() => openPool(resources, { role: "admin", size: 1 }))
    const queue = lazyAsync(async () => ({ endOffsets: openEndOffsets(resources, "ops"), requestsTopic }))
    const administration = lazyAsync(async () =>
      openAdministration(resources, { checkPool: await readerPool(), ...(await queue()) }),
    )
    const comparison = lazyAsync(async () => openComparison(resources, await readerPool()))
    const mending = lazyAsync(async () => openMending(resources, { checkPool: await readerPool(), ...(await queue()) }))
    const redisConnection = lazyAsync(() => openRedis(resources))
    const redis = async () => {
      const connection = await redisConnection()
      await firstContact(connection)
      return connection
    }
    const orders = lazyAsync(() => openOrderAdministration(resources))
    const notices = lazyAsync(() => openNoticeStore(resources))
    const groups = lazyAsync(async () => openOperateGroups(makeConsumers(), readerPool))
    const analytics = lazyAsync(() => openAnalyticsStore(resources))
    const kafka = lazyAsync(async () => openKafka("ops"))
    /** Appends requests that were in quarantine. */
    const requests = lazyAsync(async () =>
      resources.own(createRequestLog(openKafka("ops"), requestsTopic, requestLogLimits, log.firstOffset), {
        close: (opened) => opened.close(),
      }),
    )
    const preflight = lazyAsync(async () => openPreflight(resources, { groups: await groups(), ...(await queue()) }))
    return {
      requestsTopic,
      /** The generations of the request log. */
      log,
      readerPool,
      adminPool,
      queue,
      administration,
      comparison,
      mending,
      orders,
      notices,
      groups,
      analytics,
      requests,
      kafka,
      redis,
      preflight,
    }
  })

export type OpsParts = Awaited<ReturnType<ReturnType<typeof createOpsRuntime>["open"]>>
