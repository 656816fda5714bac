import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import { consumerGroups, groupNames } from "../../core/contracts/consumer-groups.ts"
import { type StageConfig, type StreamFunctionName, streamFunctionNames } from "../config.ts"
import { EventSource } from "../constructs/event-source.ts"
import { FailedSchedules } from "../constructs/failed-schedules.ts"
import type { Network } from "../constructs/network.ts"
import { SaleFunctions } from "../constructs/sale-functions.ts"
import { MinuteSchedule } from "../constructs/schedules.ts"
import { ShopMail } from "../constructs/shop-mail.ts"
import type { Shoppers } from "../constructs/shoppers.ts"
import type { DataStack } from "./data.ts"

export interface StreamingStackProps extends StackProps {
  readonly stage: StageConfig
  readonly network: Network
  readonly data: DataStack
  readonly shoppers: Shoppers
}

/**
 * The consumer groups of the events: each has a function and an event source mapping of its own, so that none waits for another.
 * The stack is deployed after the app stack, which finds the brokers and migrates the database.
 */
export class StreamingStack extends Stack {
  readonly functions: SaleFunctions<StreamFunctionName>["all"]

  constructor(scope: Construct, id: string, props: StreamingStackProps) {
    super(scope, id, props)
    const { stage, data } = props
    this.functions = new SaleFunctions(this, "Functions", { ...props, names: streamFunctionNames }).all
    this.#connect(props)
    this.#letNotify(props)
    for (const group of groupNames("reservationEvents")) {
      const consumer = this.functions[streamFunctionOf(group)]
      data.log.produces(consumer, "deadLetters")
      new EventSource(this, `Feed-${group}`, { stage, log: data.log, function: consumer, group })
    }
    new MinuteSchedule(this, "Report", {
      failures: new FailedSchedules(this, "FailedSchedules", { stage, stack: "streaming" }),
      function: this.functions["analytics-report"],
      description: "The figures of analytics are written",
    })
  }

  #connect({ network, data: { database, cache, log, analytics } }: StreamingStackProps): void {
    const { "event-reactor": reactor, fulfilment, analytics: counter, "analytics-report": reporter } = this.functions
    database.connect(reactor, "transition")
    cache.connect(reactor)
    analytics.connect(counter, "counts")
    network.reachesDynamoDb(counter)
    analytics.connect(reporter, "reads")
    analytics.receives(reporter)
    log.produces(fulfilment, "ordersConfirmed")
  }

  /** Without a sender address the notifier reads and sends nothing: an address that is added later sends no old notice. */
  #letNotify({ stage, data, shoppers }: StreamingStackProps): void {
    const { notifier, "mail-feedback": feedback } = this.functions
    data.notices.reportedBy(feedback)
    const { domain } = stage
    if (domain?.senderAddress === undefined) return
    data.notices.recordedBy(notifier)
    shoppers.addressTo(notifier)
    new ShopMail(this, "Mail", { stage, domain, senderAddress: domain.senderAddress, feedback }).sentBy(notifier)
  }
}

/** @throws Error for a group whose function is in another stack */
function streamFunctionOf(group: keyof typeof consumerGroups): StreamFunctionName {
  const { lambda } = consumerGroups[group]
  const found = streamFunctionNames.find((name) => name === lambda)
  if (found === undefined) throw new Error(`${lambda} reads events: add it to streamFunctionNames in lib/config.ts`)
  return found
}
