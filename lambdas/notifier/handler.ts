import type { Context } from "aws-lambda"
import * as z from "zod"
import { productNames } from "../../core/adapters/catalogue/product-names.ts"
import { mailTimeoutMs } from "../../core/adapters/mail/send-mail.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { MskResponse } from "../../core/contracts/msk-event.ts"
import { openDeadLetters } from "../../core/runtime/dead-letters.ts"
import { deliveryAnswer } from "../../core/runtime/delivery-answer.ts"
import { functionConfig, kafkaEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { failpoint } from "../../core/runtime/failpoint.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { openNoticeStore } from "../../core/runtime/notice-store.ts"
import { openAddresses, openMail } from "../../core/runtime/notices.ts"
import { consumeEvents } from "../../core/workflows/streams/consume-events.ts"
import { createSendPause } from "./send-pause.ts"
import { sendNotices } from "./workflow.ts"

const withoutSlash = z.url().transform((url) => url.replace(/\/$/, ""))

const config = functionConfig({
  ...stageEnvironment,
  ...kafkaEnvironment,
  /** The shop's page, and the API with the catalogue. A stage that sends no mail has neither. */
  SHOP_URL: withoutSlash.default(""),
  CATALOGUE_URL: withoutSlash.default(""),
})

/** Margin at the end of the invocation for mails in progress and for the record of their outcome. */
const endMarginMs = mailTimeoutMs + 5_000

export const runtime = defineRuntime(async (resources) => {
  const deadLetters = openDeadLetters(resources, "notifier")
  const sendMail = openMail(resources)
  if (sendMail === undefined) {
    logger.warn("This stage has no sender address: the notifier reads the events and sends nothing")
    return { deadLetters }
  }
  const notifier = {
    store: await openNoticeStore(resources),
    addressOf: openAddresses(resources),
    productNameOf: productNames(config.CATALOGUE_URL),
    sendMail,
    pause: createSendPause(),
    shopUrl: config.SHOP_URL,
    failpoint: failpoint("notifier"),
  }
  return { deadLetters, notifier }
})

/** `reservation-events`: writes to shoppers what became of their reservations and orders, once for each event. */
export async function handler(event: unknown, context: Context): Promise<MskResponse> {
  const { deadLetters, notifier } = await runtime.open()
  const timeLeftMs = () => context.getRemainingTimeInMillis() - endMarginMs
  const answer = await consumeEvents({ deadLetters }, EventDelivery.parse(event), async (partition) =>
    notifier === undefined ? undefined : sendNotices(notifier, partition, timeLeftMs),
  )
  return deliveryAnswer(answer)
}
