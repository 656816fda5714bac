import { CfnOutput, CfnParameter, Stack, type StackProps } from "aws-cdk-lib"
import { PolicyDocument, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam"
import { CfnClusterPolicy } from "aws-cdk-lib/aws-msk"
import type { Construct } from "constructs"
import { recoveryAlarms } from "../alarms/recovery.ts"
import type { StageConfig } from "../config.ts"
import { Alarms, AlarmTopics } from "../constructs/alarms.ts"
import { Failover } from "../constructs/failover.ts"
import { Network } from "../constructs/network.ts"
import { StandbyDatabase } from "../constructs/standby-database.ts"
import { StandbyLog } from "../constructs/standby-log.ts"

export interface DisasterRecoveryStackProps extends StackProps {
  readonly stage: StageConfig
}

/**
 * The second region, if the config has one: a copy of the request log and of PostgreSQL, and the name that moves.
 * docs/RUNBOOK.md#region-loss says how it is promoted. Parameters name the resources of the first region, because a template
 * cannot refer to another region.
 */
export class DisasterRecoveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DisasterRecoveryStackProps) {
    super(scope, id, props)
    const { stage } = props
    if (stage.disasterRecovery === undefined) throw new Error(`Stage "${stage.name}" has no disasterRecovery region.`)
    const { availabilityZones, region } = stage.disasterRecovery
    const parameter = (name: string, description: string, more: { default?: string; allowedPattern?: string } = {}) =>
      new CfnParameter(this, name, { type: "String", description, ...more })
    const arn = (service: string) => ({ allowedPattern: `arn:aws[a-z-]*:${service}:.+` })

    const network = new Network(this, "Network", {
      stage: { ...stage, region, availabilityZones, network: { ...stage.network, natGateways: 1 } },
    })
    const sourceSubnets = new CfnParameter(this, "SourceSubnetIds", {
      type: "CommaDelimitedList",
      description: "The subnets of the brokers in the first region",
    })
    const log = new StandbyLog(this, "Log", {
      stage,
      network,
      sourceSubnetIds: sourceSubnets.valueAsList,
      sourceClusterArn: parameter("SourceClusterArn", "The MSK cluster of the first region", arn("kafka")).valueAsString,
    })
    const database = new StandbyDatabase(this, "Database", {
      stage,
      network,
      sourceDatabaseArn: parameter("SourceDatabaseArn", "The database of the first region", arn("rds")).valueAsString,
    })
    new Alarms(this, "Alarms", {
      stage,
      topics: new AlarmTopics(this, "Topics", stage),
      definitions: recoveryAlarms({ databaseIdentifier: database.identifier, replicatorName: log.replicatorName }),
    })
    if (stage.domain) {
      new Failover(this, "Failover", {
        domain: stage.domain,
        primaryApiHost: parameter("PrimaryApiHost", "Regional host name of the API's domain in the first region"),
        standbyApiHost: parameter("StandbyApiHost", "The same in the second region, once promoted", { default: "" }),
      })
    }
  }
}

export interface ReplicationSourceStackProps extends StackProps {
  readonly clusterArn: string
  readonly databaseArn: string
  readonly subnetIds: readonly string[]
}

/**
 * In the first region: lets replication connect from the second region, and outputs the parameters of the second region's
 * stack.
 */
export class ReplicationSourceStack extends Stack {
  constructor(scope: Construct, id: string, props: ReplicationSourceStackProps) {
    super(scope, id, props)
    new CfnClusterPolicy(this, "Policy", {
      clusterArn: props.clusterArn,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            principals: [new ServicePrincipal("kafka.amazonaws.com")],
            actions: ["kafka:CreateVpcConnection", "kafka:GetBootstrapBrokers", "kafka:DescribeClusterV2"],
            resources: [props.clusterArn],
          }),
        ],
      }),
    })
    // Each output has the name of its parameter.
    new CfnOutput(this, "SourceClusterArn", { value: props.clusterArn })
    new CfnOutput(this, "SourceDatabaseArn", { value: props.databaseArn })
    new CfnOutput(this, "SourceSubnetIds", { value: props.subnetIds.join(",") })
  }
}
