import { Match, Template } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import { groupNames } from "../../core/contracts/consumer-groups.ts"
import { unfinishedDeliveries } from "../../core/contracts/environment.ts"
import { replicationOn } from "../../core/contracts/topics.ts"
import { findingsOf, guardrails } from "../../lib/guardrails/guardrails.ts"
import { notForTrials } from "../../lib/guardrails/trial.ts"
import { stages } from "../../lib/stages.ts"
import { wholeSale } from "./whole-sale.ts"

const { stage: sale, resources } = wholeSale(stages.try)
const of = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties)
const network = Template.fromStack(sale.network)
const data = Template.fromStack(sale.data)

describe("a trial", () => {
  test("needs each exemption from a guardrail, and every other guardrail holds", () => {
    for (const name of Object.keys(notForTrials) as (keyof typeof notForTrials)[]) {
      expect(guardrails[name](stages.try), name).not.toEqual([])
    }
    expect(findingsOf(stages.try)).toEqual([])
    const { trial: _trial, ...sold } = stages.try
    expect(findingsOf(sold).length).toBeGreaterThan(Object.keys(notForTrials).length)
  })

  test("has a subnet of each kind in two zones", () => {
    const zones = of("AWS::EC2::Subnet").map(({ AvailabilityZone }) => AvailabilityZone)
    expect(zones).toHaveLength(8)
    expect([...new Set(zones)].sort()).toEqual(stages.try.availabilityZones)
  })

  test("has one instance in place of gateways and endpoints, with an encrypted disk; the network reaches it on 443, nobody else does", () => {
    expect(of("AWS::EC2::NatGateway")).toEqual([])
    network.resourceCountIs("AWS::EC2::Instance", 1)
    network.hasResourceProperties("AWS::EC2::Instance", {
      InstanceType: "t4g.nano",
      SourceDestCheck: false,
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: Match.objectLike({ Encrypted: true }) }],
      NetworkInterfaces: [Match.objectLike({ AssociatePublicIpAddress: true })],
    })
    const incoming = Object.values(network.findResources("AWS::EC2::SecurityGroup")).flatMap(
      ({ Properties }) => (Properties.SecurityGroupIngress ?? []) as Record<string, unknown>[],
    )
    expect(incoming).toEqual([expect.objectContaining({ CidrIp: stages.try.network.cidr, FromPort: 443, ToPort: 443 })])
    const endpoints = of("AWS::EC2::VPCEndpoint").filter(({ VpcEndpointType }) => VpcEndpointType !== "Gateway")
    expect(endpoints).toEqual([])
  })

  test("has a route through the instance from every private subnet: on-demand pollers are in those of the brokers", () => {
    const routes = of("AWS::EC2::Route").filter(({ InstanceId }) => InstanceId !== undefined)
    expect(routes).toHaveLength(6)
    data.hasResourceProperties("AWS::EC2::SecurityGroup", {
      GroupDescription: "Kafka",
      SecurityGroupEgress: Match.arrayWith([Match.objectLike({ CidrIp: "0.0.0.0/0", FromPort: 443, ToPort: 443 })]),
    })
  })

  test("reads Kafka with on-demand mappings, which have no setting of the other mode, and whose functions throw", () => {
    const mappings = of("AWS::Lambda::EventSourceMapping")
    expect(mappings).toHaveLength(groupNames().length)
    for (const mapping of mappings) {
      for (const setting of ["ProvisionedPollerConfig", "FunctionResponseTypes", "MaximumRetryAttempts", "DestinationConfig"]) {
        expect(mapping).not.toHaveProperty(setting)
      }
    }
    const throwing = of("AWS::Lambda::Function").filter(
      ({ Environment }) =>
        (Environment as { Variables: Record<string, string> } | undefined)?.Variables[unfinishedDeliveries.variable] ===
        unfinishedDeliveries.thrown,
    )
    expect(throwing.map(({ FunctionName }) => FunctionName).sort()).toEqual(
      ["analytics", "batch-writer", "event-reactor", "fulfilment", "notifier"].map((name) => `flash-sale-try-${name}`),
    )
  })

  test("acknowledges a record when both brokers have it", () => {
    expect(replicationOn(2)).toEqual({ factor: 2, minInSyncReplicas: 2, uncleanLeaderElection: false })
    expect(replicationOn(1)).toMatchObject({ factor: 1, minInSyncReplicas: 1 })
    data.hasResourceProperties("AWS::MSK::Cluster", { NumberOfBrokerNodes: 2, EnhancedMonitoring: "DEFAULT" })
    for (const { ReplicationFactor } of of("AWS::MSK::Topic")) expect(ReplicationFactor).toBe(2)
  })

  test("has the alarms of other stages, evaluated once a minute", () => {
    const alarms = of("AWS::CloudWatch::Alarm")
    expect(alarms.length).toBeGreaterThan(50)
    expect(JSON.stringify(alarms)).not.toMatch(/"Period":(10|30)\b/)
  })

  test("keeps nothing, and has a budget", () => {
    expect(resources.filter(({ DeletionPolicy }) => DeletionPolicy === "Retain").map(({ id }) => id)).toEqual([])
    expect(of("AWS::Budgets::Budget")).toMatchObject([{ Budget: { BudgetLimit: { Amount: stages.try.budgetUsdPerMonth } } }])
  })
})

test("brokers of other stages are watched one by one, and no finer", () => {
  for (const stage of [stages.dev, stages.prod]) {
    const levels = wholeSale(stage).resources.flatMap(({ Type, Properties }) =>
      Type === "AWS::MSK::Cluster" ? [Properties.EnhancedMonitoring] : [],
    )
    expect(new Set(levels)).toEqual(new Set(["PER_BROKER"]))
  }
})
