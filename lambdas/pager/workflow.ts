import { opsgenieRequest } from "../../core/adapters/pager/opsgenie.ts"
import type { Page } from "../../core/adapters/pager/page.ts"
import { pagerDutyRequest } from "../../core/adapters/pager/pagerduty.ts"
import { sendPage } from "../../core/adapters/pager/send-page.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import {
  drillOf,
  type PagedPriority,
  type PagedTopics,
  type PagerKeys,
  pageDeliveredMessage,
} from "../../core/contracts/pages.ts"
import { AlarmMessage, conditionOf, type TopicEvent } from "./alarm-message.ts"

export interface PagerParts {
  /** Whom each topic pages. */
  readonly topics: PagedTopics
  readonly keys: PagerKeys
}

/** An alarm with causes sends its messages through a composite alarm of this ending (lib/constructs/alarms.ts). */
const compositeEnding = /\.page$/

const requests = { pagerduty: pagerDutyRequest, opsgenie: opsgenieRequest }

/**
 * Tells the pager service of each changed alarm.
 *
 * @param endsAtMs performance.now() at which the last attempt ends
 * @throws Error for a topic or a priority without a pager, or when the service did not accept the event: Lambda then calls again,
 * and keeps what fails each time
 */
export async function pageFor({ topics, keys }: PagerParts, { Records }: TopicEvent, endsAtMs: number): Promise<void> {
  for (const { Sns } of Records) {
    const paged = topics[Sns.TopicArn]
    if (paged === undefined) throw new Error(`PAGERS has no pager for ${Sns.TopicArn}. Deploy the stage again`)
    const { priority, service, url } = paged
    const key = keys[priority]
    if (key === undefined) throw new Error(`PAGER_KEYS has no key for ${priority}. Fill it (docs/DEPLOY.md#the-pager)`)
    const message = AlarmMessage.parse(JSON.parse(Sns.Message))
    const page = pageOf(message, priority)
    const delivery = await sendPage(requests[service](page, key, url), endsAtMs)
    const drill = drillOf(page.reason)
    logger.info(pageDeliveredMessage, {
      ...{ alarm: page.alarm, priority, state: page.state, pager: delivery },
      ...(drill !== undefined && { drill }),
    })
  }
}

function pageOf(message: AlarmMessage, priority: PagedPriority): Page {
  const { condition, runbook } = conditionOf(message.AlarmDescription ?? message.AlarmName)
  return {
    alarm: message.AlarmName.replace(compositeEnding, ""),
    priority,
    // An alarm without data is not in alarm. Our alarms say what missing data means, so that this does not last.
    state: message.NewStateValue === "ALARM" ? "alarm" : "ok",
    summary: condition,
    reason: message.NewStateReason ?? "",
    ...(runbook !== undefined && { runbook }),
    source: message.Region,
    at: message.StateChangeTime,
  }
}
