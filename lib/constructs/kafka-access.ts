import { PolicyStatement } from "aws-cdk-lib/aws-iam"

const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: actions.map((action) => `kafka-cluster:${action}`), resources: [...resources] })

/** The rights of a producer of some topics. */
export const produces = (cluster: string, topics: readonly string[]): PolicyStatement[] => [
  allow(["Connect"], [cluster]),
  allow(["DescribeTopic", "WriteData"], topics),
]

/** The rights to read which partitions topics have, and their end offsets. */
export const observes = (cluster: string, topics: readonly string[]): PolicyStatement[] => [
  allow(["Connect"], [cluster]),
  allow(["DescribeTopic"], topics),
]

/** The right to read records of topics, besides `observes`. */
export const reads = (topics: readonly string[]): PolicyStatement => allow(["ReadData"], topics)

/** What an operator's function may see and change of consumer groups. */
interface OperatedGroups {
  /** Topics whose partitions, settings and end offsets it reads. */
  readonly observed: readonly string[]
  /** Topics that groups may read again: a broker lets nobody commit an offset who may not read the topic. */
  readonly replayed: readonly string[]
  /** Topics whose records it shows, besides those. */
  readonly browsed: readonly string[]
  /** The topic to which the requests of quarantined records are appended again. */
  readonly appended: string
  readonly groups: string
}

/** The rights to see topics and consumer groups, to set where groups read, and to append requests again. */
export const operatesGroups = (
  cluster: string,
  { observed, replayed, browsed, appended, groups }: OperatedGroups,
): PolicyStatement[] => [
  allow(["Connect"], [cluster]),
  allow(["DescribeTopic", "DescribeTopicDynamicConfiguration"], observed),
  allow(["ReadData"], [...replayed, ...browsed]),
  allow(["WriteData"], [appended]),
  allow(["AlterGroup", "DescribeGroup"], [groups]),
]

/** The right to read the offsets of consumer groups. */
export const describesGroups = (groups: readonly string[]): PolicyStatement => allow(["DescribeGroup"], groups)

/** The rights of Lambda's pollers, with a function's role. A policy cannot name the interfaces that they create. */
export const consumes = (cluster: string, topics: readonly string[], groups: readonly string[]): PolicyStatement[] => [
  allow(["Connect", "DescribeClusterDynamicConfiguration"], [cluster]),
  allow(["DescribeTopic", "ReadData"], topics),
  allow(["DescribeGroup", "AlterGroup"], groups),
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
