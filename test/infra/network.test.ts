import { Match } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import { endpointsOf } from "../../lib/capacity/endpoints.ts"
import { stages } from "../../lib/stages.ts"
import { dataStacks } from "./data-stacks.ts"

const { prod } = stages
const stacks = dataStacks(prod)
const { client: reader } = stacks.connectable("orders")
const { client: payer } = stacks.connectable("checkout")
stacks.network.network.reachesAws(reader)
stacks.network.network.reachesPaymentProvider(payer)
const { network, data, code } = stacks.templates()

const subnets = Object.values(network.findResources("AWS::EC2::Subnet"))
const named = (name: string) =>
  subnets.filter(({ Properties }) =>
    Properties.Tags.some(({ Key, Value }: { Key: string; Value: string }) => Key === "aws-cdk:subnet-name" && Value === name),
  )

describe("the network", () => {
  test.each(["nat", "payment", "functions", "data"])(
    "has a subnet for %s in each of the three zones that config names",
    (name) => {
      expect(named(name).map(({ Properties }) => Properties.AvailabilityZone)).toEqual(prod.availabilityZones)
    },
  )

  test("has a route to the internet only for functions that pay", () => {
    const routed = Object.values(network.findResources("AWS::EC2::Route")).map(({ Properties }) => JSON.stringify(Properties))
    expect(routed.filter((route) => route.includes("NatGatewayId")).every((route) => route.includes("payment"))).toBe(true)
    expect(routed.some((route) => route.includes("functionsSubnet") || route.includes("dataSubnet"))).toBe(false)
  })

  test("gives nobody a public address", () => {
    for (const { Properties } of subnets) expect(Properties.MapPublicIpOnLaunch).toBe(false)
  })

  test.each(["secretsmanager", "cognito-idp", "logs", "xray"])("reaches %s without leaving it", (service) => {
    network.hasResourceProperties("AWS::EC2::VPCEndpoint", {
      ServiceName: `com.amazonaws.${prod.region}.${service}`,
      PrivateDnsEnabled: true,
      VpcEndpointType: "Interface",
    })
  })

  test("is billed for as many endpoints as it has", () => {
    for (const stage of [prod, stages.dev, { ...stages.dev, eventDelivery: "on-demand" as const }]) {
      const template = dataStacks(stage).templates().network
      const interfaces = template.findResources("AWS::EC2::VPCEndpoint", { Properties: { VpcEndpointType: "Interface" } })
      expect(endpointsOf(stage)).toHaveLength(Object.keys(interfaces).length)
    }
  })

  test("has endpoints for logs and traces only where instances send them, and for pollers only where they call AWS", () => {
    expect(endpointsOf(stages.dev)).toEqual(["Secrets", "Identity"])
    expect(endpointsOf({ ...stages.dev, eventDelivery: "on-demand" })).toEqual(["Secrets", "Identity", "Tokens", "Functions"])
  })

  test("reaches S3 without leaving it", () =>
    network.hasResourceProperties("AWS::EC2::VPCEndpoint", {
      ServiceName: Match.objectLike({ "Fn::Join": ["", Match.arrayWith([".s3"])] }),
      VpcEndpointType: "Gateway",
    }))

  test("opens the endpoints to connected functions, on 443", () => {
    const ways = Object.values(code.findResources("AWS::EC2::SecurityGroupIngress")).map(({ Properties }) => Properties)
    expect(ways.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([[443, 443]])
    expect(JSON.stringify(ways)).toContain("Endpoints")
  })

  test("logs every flow", () => network.hasResourceProperties("AWS::EC2::FlowLog", { TrafficType: "ALL" }))

  test("allows nothing into or out of a security group that is not connected", () => {
    for (const template of [network, data]) {
      const groups = Object.values(template.findResources("AWS::EC2::SecurityGroup"))
      for (const { Properties } of groups) {
        expect(Properties.SecurityGroupIngress ?? []).toEqual([])
        const out: { CidrIp: string }[] = Properties.SecurityGroupEgress ?? []
        expect(out.filter(({ CidrIp }) => CidrIp !== "255.255.255.255/32")).toEqual([])
      }
    }
  })

  test("opens the internet to functions that pay, on 443, and to no other", () => {
    const groups = Object.values(code.findResources("AWS::EC2::SecurityGroup"))
    const open = groups.filter(({ Properties }) => JSON.stringify(Properties.SecurityGroupEgress ?? []).includes("0.0.0.0/0"))
    expect(open.map(({ Properties }) => Properties.GroupDescription)).toEqual(["checkout"])
    code.hasResourceProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupEgress: [Match.objectLike({ CidrIp: "0.0.0.0/0", FromPort: 443, ToPort: 443 })],
    })
  })
})
