import { Duration, Validations } from "aws-cdk-lib"
import type { Role } from "aws-cdk-lib/aws-iam"
import type { CfnSchedule } from "aws-cdk-lib/aws-scheduler"
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs"
import { Construct } from "constructs"
import { failedSchedulesName } from "../alarms/schedules.ts"
import type { StageConfig } from "../config.ts"

/** The longest time that a queue keeps a message. */
const keptDays = 14

export interface FailedSchedulesProps {
  readonly stage: StageConfig
  /** The stack of the schedules. */
  readonly stack: Parameters<typeof failedSchedulesName>[1]
}

/** What EventBridge Scheduler could not start: each failed start is a message here, and an alarm watches their number. */
export class FailedSchedules extends Construct {
  readonly #queue: Queue

  constructor(scope: Construct, id: string, { stage, stack }: FailedSchedulesProps) {
    super(scope, id)
    this.#queue = new Queue(this, "Queue", {
      queueName: failedSchedulesName(stage, stack),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(keptDays),
    })
    Validations.of(this.#queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is where failed schedules end: it has no consumer and needs no queue behind it.",
    })
  }

  /** Lets the role of a schedule write here. @returns the schedule's setting */
  receives(role: Role): CfnSchedule.DeadLetterConfigProperty {
    this.#queue.grantSendMessages(role)
    return { arn: this.#queue.queueArn }
  }
}
