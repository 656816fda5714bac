import type { Context } from "aws-lambda"
import { createOrderLog } from "../../core/adapters/kafka/order-log.ts"
import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { topics } from "../../core/contracts/topics.ts"
import { openDeadLetters } from "../../core/runtime/dead-letters.ts"
import { deliveryAnswer } from "../../core/runtime/delivery-answer.ts"
import { functionConfig, kafkaEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { environmentTopics, openKafka } from "../../core/runtime/kafka.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { consumeEvents, type PartitionEvents } from "../../core/workflows/streams/consume-events.ts"
import { forwardOrders } from "./workflow.ts"

functionConfig({ ...stageEnvironment, ...kafkaEnvironment })

/** Margin at the end of the invocation for the answer. */
const endMarginMs = 2_000

export const runtime = defineRuntime(async (resources) => ({
  deadLetters: openDeadLetters(resources, "fulfilment"),
  orders: resources.own(
    createOrderLog(openKafka("fulfilment"), environmentTopics().ordersConfirmed, topics.ordersConfirmed.partitions),
    { close: (log) => log.close() },
  ),
}))

/** `reservation-events`: appends paid and refunded orders to `orders-confirmed`, the contract for a warehouse. */
export async function handler(event: unknown, context: Context): Promise<MskResponse> {
  const { deadLetters, orders } = await runtime.open()
  const timeLeftMs = () => context.getRemainingTimeInMillis() - endMarginMs
  const forward = (partition: PartitionEvents) => forwardOrders(orders, partition, timeLeftMs)
  return deliveryAnswer(await consumeEvents({ deadLetters }, EventDelivery.parse(event), forward))
}
