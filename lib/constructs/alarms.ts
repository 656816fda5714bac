import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib"
import {
  Alarm,
  type AlarmBase,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch"
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions"
import { type IGrantable, ServicePrincipal } from "aws-cdk-lib/aws-iam"
import { Key } from "aws-cdk-lib/aws-kms"
import { Topic } from "aws-cdk-lib/aws-sns"
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions"
import { Construct } from "constructs"
import {
  type AlarmDefinition,
  alarmName,
  causeExtensionSeconds,
  causeWaitSeconds,
  deployedAlarmName,
  type Priority,
  priorities,
} from "../alarms/definition.ts"
import type { StageConfig } from "../config.ts"
import { cloudWatchMetric } from "./cloud-watch-metric.ts"

/** Where alarms go: one encrypted topic per priority, with its subscribers. */
export class AlarmTopics extends Construct {
  readonly byPriority: Readonly<Record<Priority, Topic>>

  constructor(scope: Construct, id: string, stage: Pick<StageConfig, "name" | "alarmEmails">) {
    super(scope, id)
    const { account } = Stack.of(this)
    // enforceSSL gives the topic a policy of its own, which replaces the default policy that lets CloudWatch publish.
    const alarms: IGrantable = new ServicePrincipal("cloudwatch.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    })
    const key = new Key(this, "Key", {
      description: `Alarms of ${stage.name}`,
      enableKeyRotation: true,
      // Messages are not kept, so that nothing encrypted with the key remains.
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const topicOf = (priority: Priority): Topic => {
      const topic = new Topic(this, priority, {
        displayName: `Flash sale ${stage.name} ${priority}`,
        masterKey: key,
        enforceSSL: true,
      })
      topic.grantPublish(alarms)
      for (const address of stage.alarmEmails[priority]) topic.addSubscription(new EmailSubscription(address))
      return topic
    }
    this.byPriority = { P0: topicOf("P0"), P1: topicOf("P1"), P2: topicOf("P2") }
  }
}

/** The alarms of a stage. Each names its runbook, so that the operator does not have to search for it. */
export class Alarms extends Construct {
  readonly all: readonly AlarmBase[]
  readonly #byName: ReadonlyMap<string, AlarmBase>
  readonly #anyOfCauses = new Map<string, AlarmBase>()

  constructor(
    scope: Construct,
    id: string,
    props: { stage: StageConfig; topics: AlarmTopics; definitions: readonly AlarmDefinition[] },
  ) {
    super(scope, id)
    const sorted = priorities.flatMap((priority) => props.definitions.filter((definition) => definition.priority === priority))
    this.#byName = new Map(sorted.map((definition) => [alarmName(definition), this.#alarm(definition, props)]))
    this.all = [...this.#byName.values()]
    for (const definition of sorted) this.#notify(definition, props)
  }

  /** An alarm with causes notifies through a composite alarm, which stays silent while one of them is in alarm. */
  #notify(definition: AlarmDefinition, { stage, topics }: { stage: StageConfig; topics: AlarmTopics }): void {
    const name = alarmName(definition)
    const alarm = this.#named(name)
    const causes = definition.suppressedBy?.map((cause) => this.#named(cause))
    const notifying = causes === undefined ? alarm : this.#withoutSymptoms(definition, { stage, alarm, causes })
    const action = new SnsAction(topics.byPriority[definition.priority])
    notifying.addAlarmAction(action)
    notifying.addOkAction(action)
  }

  #withoutSymptoms(
    definition: AlarmDefinition,
    { stage, alarm, causes }: { stage: StageConfig; alarm: AlarmBase; causes: readonly AlarmBase[] },
  ): CompositeAlarm {
    const name = alarmName(definition)
    return new CompositeAlarm(this, `${name}-page`, {
      compositeAlarmName: `${deployedAlarmName(stage.name, name)}.page`,
      alarmDescription: descriptionOf(definition, stage),
      alarmRule: AlarmRule.fromAlarm(alarm, AlarmState.ALARM),
      actionsSuppressor: this.#anyOf(causes, stage),
      actionsSuppressorWaitPeriod: Duration.seconds(causeWaitSeconds),
      actionsSuppressorExtensionPeriod: Duration.seconds(causeExtensionSeconds),
    })
  }

  /** An alarm that stands while one of these does. It notifies nobody. Symptoms with the same causes share it. */
  #anyOf(causes: readonly AlarmBase[], stage: StageConfig): AlarmBase {
    const [first, ...others] = causes
    if (first !== undefined && others.length === 0) return first
    const key = causes.map(({ node }) => node.id).join(" ")
    const known = this.#anyOfCauses.get(key)
    if (known !== undefined) return known
    const number = this.#anyOfCauses.size + 1
    const any = new CompositeAlarm(this, `Causes${number}`, {
      compositeAlarmName: deployedAlarmName(stage.name, `causes-${number}`),
      alarmDescription: `A fault with a page of its own: ${causes.map(({ node }) => node.id).join(", ")}. This alarm notifies nobody.`,
      alarmRule: AlarmRule.anyOf(...causes.map((cause) => AlarmRule.fromAlarm(cause, AlarmState.ALARM))),
    })
    this.#anyOfCauses.set(key, any)
    return any
  }

  /** @throws Error for a cause that is no alarm of the stage */
  #named(name: string): AlarmBase {
    const alarm = this.#byName.get(name)
    if (alarm === undefined) throw new Error(`There is no alarm ${name} in this stage; lib/alarms/causes.ts names causes`)
    return alarm
  }

  #alarm(definition: AlarmDefinition, { stage }: { stage: StageConfig }): Alarm {
    const { metric, above, below, datapoints, silence } = definition
    const name = alarmName(definition)
    return new Alarm(this, name, {
      alarmName: deployedAlarmName(stage.name, name),
      alarmDescription: descriptionOf(definition, stage),
      metric: cloudWatchMetric(metric),
      threshold: above ?? below ?? 0,
      comparisonOperator:
        below === undefined ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: datapoints,
      datapointsToAlarm: datapoints,
      treatMissingData: silence === "fine" ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    })
  }
}

const descriptionOf = ({ priority, condition, heading }: AlarmDefinition, stage: StageConfig): string =>
  `${priority}: ${condition}. Runbook: ${runbookUrl(stage, heading)}`

/**
 * Notifies people of a deployment whose alarm stands. CodeDeploy rolls back by itself; somebody must know that the new version is
 * not out.
 */
export class DeployAlarm extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stage, topics, alarmNames }: { stage: StageConfig; topics: AlarmTopics; alarmNames: readonly string[] },
  ) {
    super(scope, id)
    const rules = alarmNames.map((name) => AlarmRule.fromAlarm(Alarm.fromAlarmName(this, name, name), AlarmState.ALARM))
    const alarm = new CompositeAlarm(this, "AnyFunction", {
      compositeAlarmName: deployedAlarmName(stage.name, "DeployFailing"),
      alarmDescription: `P2: calls of a function fail; a deployment under way is rolled back. Runbook: ${runbookUrl(stage, "code-rollback")}`,
      alarmRule: AlarmRule.anyOf(...rules),
    })
    const action = new SnsAction(topics.byPriority.P2)
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
  }
}

/** The heading's URL in the repository, or its path in the checkout if the stage names no repository. */
export function runbookUrl({ pipeline }: Pick<StageConfig, "pipeline">, heading: string): string {
  const page = `docs/RUNBOOK.md#${heading.toLowerCase()}`
  return pipeline === undefined ? page : `https://github.com/${pipeline.repository}/blob/${pipeline.branch}/${page}`
}
