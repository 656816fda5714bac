import type { Context } from "aws-lambda"
import * as z from "zod"
import { jsonOf } from "../../core/contracts/json.ts"
import { PagedTopics, PagerKeys } from "../../core/contracts/pages.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { readSecret } from "../../core/runtime/secrets.ts"
import { TopicEvent } from "./alarm-message.ts"
import { pageFor } from "./workflow.ts"

/** What remains of the function's time for its last log line. */
const reserveMs = 3_000

const config = functionConfig({ ...stageEnvironment, PAGERS: z.string().transform(jsonOf).pipe(PagedTopics) })

export const runtime = defineRuntime(async () => ({ topics: config.PAGERS }))

/** Messages of the alarm topics: the alarms of priorities with a pager. A key that was changed counts at once. */
export async function handler(event: unknown, context: Context): Promise<void> {
  const { topics } = await runtime.open()
  const endsAtMs = performance.now() + context.getRemainingTimeInMillis() - reserveMs
  const keys = PagerKeys.safeParse(jsonOf(await readSecret("PAGER_KEYS")))
  if (!keys.success) throw new Error("The secret PAGER_KEYS is not filled: store the keys by priority (docs/DEPLOY.md#the-pager)")
  await pageFor({ topics, keys: keys.data }, TopicEvent.parse(event), endsAtMs)
}
