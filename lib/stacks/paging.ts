import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import { pagerAlarms } from "../alarms/paging.ts"
import type { StageConfig } from "../config.ts"
import { Alarms, type AlarmTopics } from "../constructs/alarms.ts"
import { Pager } from "../constructs/pager.ts"
import type { Secrets } from "../constructs/secrets.ts"

export interface PagingStackProps extends StackProps {
  readonly stage: StageConfig
  readonly pagers: NonNullable<StageConfig["pagers"]>
  readonly topics: AlarmTopics
  readonly secrets: Secrets
}

/** The pager of a stage, which calls people for its alarms, and the alarm on the pager itself. */
export class PagingStack extends Stack {
  constructor(scope: Construct, id: string, props: PagingStackProps) {
    super(scope, id, props)
    const { stage, pagers, topics, secrets } = props
    new Pager(this, "Pager", { stage, pagers, topics: topics.byPriority, secrets })
    new Alarms(this, "Alarms", { stage, topics, definitions: pagerAlarms(stage) })
  }
}
