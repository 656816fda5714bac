import { PolicyStatement } from "aws-cdk-lib/aws-iam"

const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: actions.map((action) => `kafka-cluster:${action}`), resources: [...resources] })

/** What a producer of one topic may do. */
export const produces = (cluster: string, topic: string): PolicyStatement[] => [
  allow(["Connect", "WriteDataIdempotently"], [cluster]),
  allow(["DescribeTopic", "WriteData"], [topic]),
]

/** What someone may do who asks where a topic ends; Kafka answers that to readers. */
export const reads = (cluster: string, topic: string): PolicyStatement[] => [
  allow(["Connect"], [cluster]),
  allow(["DescribeTopic", "ReadData"], [topic]),
]

/** What someone may do who sees to it that the topics are there. */
export const manages = (cluster: string, topics: readonly string[]): PolicyStatement[] => [
  allow(["Connect", "DescribeCluster"], [cluster]),
  allow(["DescribeTopic", "CreateTopic", "DescribeTopicDynamicConfiguration"], topics),
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
