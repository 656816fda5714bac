import { PolicyStatement } from "aws-cdk-lib/aws-iam"

const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: actions.map((action) => `kafka-cluster:${action}`), resources: [...resources] })

/** What a producer of one topic may do. */
export const produces = (cluster: string, topic: string): PolicyStatement[] => [
  allow(["Connect"], [cluster]),
  allow(["DescribeTopic", "WriteData"], [topic]),
]

/** What someone may do who asks which partitions topics have, and where they end. */
export const observes = (cluster: string, topics: readonly string[]): PolicyStatement[] => [
  allow(["Connect"], [cluster]),
  allow(["DescribeTopic"], topics),
]

/** What Lambda's pollers may do with a function's role. The interfaces that they make in the brokers' subnets cannot be named. */
export const consumes = (cluster: string, topic: string, group: string): PolicyStatement[] => [
  allow(["Connect", "DescribeClusterDynamicConfiguration"], [cluster]),
  allow(["DescribeTopic", "ReadData"], [topic]),
  allow(["DescribeGroup", "AlterGroup"], [group]),
  new PolicyStatement({
    actions: ["kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"],
    resources: [cluster],
  }),
  new PolicyStatement({
    sid: "PollersInTheNetwork",
    actions: [
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
    ],
    resources: ["*"],
  }),
]
