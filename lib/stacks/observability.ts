import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { analyticsAlarms } from "../constructs/alarms/analytics.ts"
import { edgeAlarms } from "../constructs/alarms/edge.ts"
import { partAlarms, type WatchedParts } from "../constructs/alarms/parts.ts"
import { paymentAlarms } from "../constructs/alarms/payments.ts"
import { saleAlarms } from "../constructs/alarms/sale.ts"
import { secretAlarms } from "../constructs/alarms/secrets.ts"
import { shopperAlarms } from "../constructs/alarms/shoppers.ts"
import { streamAlarms } from "../constructs/alarms/streams.ts"
import { Alarms, AlarmTopics } from "../constructs/alarms.ts"
import { SaleDashboard } from "../constructs/dashboard.ts"

export interface ObservabilityStackProps extends StackProps {
  readonly stage: StageConfig
  readonly apiId: string
  readonly parts: WatchedParts
}

/** Every alarm of the stage with its topic, and the one dashboard, which an operator reads from top to bottom. */
export class ObservabilityStack extends Stack {
  readonly topics: AlarmTopics

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props)
    const { stage, apiId, parts } = props
    this.topics = new AlarmTopics(this, "Topics", stage)
    const alarms = new Alarms(this, "Alarms", {
      stage,
      topics: this.topics,
      definitions: [
        ...saleAlarms(stage),
        ...shopperAlarms(stage, apiId),
        ...paymentAlarms(),
        ...partAlarms(stage, parts),
        ...streamAlarms(),
        ...secretAlarms(stage),
        ...analyticsAlarms,
      ],
    })
    new SaleDashboard(this, "Dashboard", { stage, apiId, parts, alarms: alarms.all })
  }
}

export interface EdgeObservabilityStackProps extends StackProps {
  readonly stage: StageConfig
  readonly distributionId: string
}

/** The alarms on CloudFront's metrics: CloudFront reports in us-east-1, for a stage in any region. */
export class EdgeObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: EdgeObservabilityStackProps) {
    super(scope, id, props)
    const topics = new AlarmTopics(this, "Topics", props.stage)
    new Alarms(this, "Alarms", { stage: props.stage, topics, definitions: edgeAlarms(props.distributionId) })
  }
}
