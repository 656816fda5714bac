import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import { edgeAlarms } from "../alarms/edge.ts"
import type { WatchedParts } from "../alarms/parts.ts"
import { stageAlarms } from "../alarms/stage-alarms.ts"
import type { StageConfig } from "../config.ts"
import { AlarmOperators } from "../constructs/alarm-operators.ts"
import { Alarms, AlarmTopics, DeployAlarm } from "../constructs/alarms.ts"
import { SaleDashboard } from "../constructs/dashboard.ts"

export interface ObservabilityStackProps extends StackProps {
  readonly stage: StageConfig
  readonly apiId: string
  readonly parts: WatchedParts
  /** The alarms of the app stack that roll a deployment back. */
  readonly deployAlarmNames: readonly string[]
}

/** Every alarm of the stage with its topic, and the one dashboard, which an operator reads from top to bottom. */
export class ObservabilityStack extends Stack {
  readonly topics: AlarmTopics

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props)
    const { stage, apiId, parts, deployAlarmNames } = props
    this.topics = new AlarmTopics(this, "Topics", stage)
    const alarms = new Alarms(this, "Alarms", {
      stage,
      topics: this.topics,
      definitions: stageAlarms(stage, { apiId, parts }),
    })
    new AlarmOperators(this, "Operators", { stage, topics: this.topics })
    new DeployAlarm(this, "DeployAlarm", { stage, topics: this.topics, alarmNames: deployAlarmNames })
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
