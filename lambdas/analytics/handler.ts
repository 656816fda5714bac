import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { analyticsGroup, openAnalyticsStore } from "../../core/runtime/analytics.ts"
import { openDeadLetters } from "../../core/runtime/dead-letters.ts"
import { deliveryAnswer } from "../../core/runtime/delivery-answer.ts"
import { functionConfig, kafkaEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { failpoint } from "../../core/runtime/failpoint.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { consumeEvents } from "../../core/workflows/streams/consume-events.ts"
import { createEventCounter } from "../../core/workflows/streams/count-events.ts"

functionConfig({ ...stageEnvironment, ...kafkaEnvironment })

export const runtime = defineRuntime(
  async (resources) => ({
    deadLetters: openDeadLetters(resources, analyticsGroup),
    count: createEventCounter({ store: await openAnalyticsStore(resources), reached: failpoint("analytics") }),
  }),
  { eager: true },
)

/** `reservation-events`: counts the events of the sale. Figures and offset are stored together, so nothing is counted twice. */
export async function handler(event: unknown): Promise<MskResponse> {
  const { deadLetters, count } = await runtime.open()
  return deliveryAnswer(await consumeEvents({ deadLetters }, EventDelivery.parse(event), count))
}
