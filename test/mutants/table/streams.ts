import { type BrokenPromise, inFile } from "../mutant.ts"

const data = inFile("lib/constructs/analytics-data.ts", "analytics")
const app = inFile("lib/stacks/app.ts", "analytics")
const network = inFile("lib/constructs/network.ts", "analytics")
const groups = inFile("core/contracts/consumer-groups.ts", "guardrails")
const streaming = inFile("lib/stacks/streaming.ts", "app")

/** The consumer groups of the events, and the figures of analytics. */
export const streamsMutants: readonly BrokenPromise[] = [
  {
    promise: "each consumer group has a source of its own",
    mutants: [
      {
        ...streaming,
        name: "a group cannot set a record aside",
        replace: 'data.log.produces(consumer, "deadLetters")',
        with: "",
      },
      {
        ...streaming,
        name: "one group for all functions",
        replace: "function: consumer, group })",
        with: 'function: consumer, group: "event-reactor" })',
      },
      {
        ...groups,
        name: "a group whose shoppers wait collects records",
        replace: [
          "    isWaitedFor: true,",
          "    eventSource: {",
          "      batchSize: 500,",
          "      maximumBatchingWindowSeconds: 0,",
        ],
        with: ["    isWaitedFor: true,", "    eventSource: {", "      batchSize: 500,", "      maximumBatchingWindowSeconds: 1,"],
      },
    ],
  },
  {
    promise: "only analytics counts",
    mutants: [
      {
        ...data,
        name: "a reader may write figures",
        replace: 'reads: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],',
        with: 'reads: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],',
      },
      {
        ...data,
        name: "the report writes any file",
        replace: "this.bucket.arnForObjects(file)",
        with: 'this.bucket.arnForObjects("*")',
      },
      { ...app, name: "admin counts", replace: 'analytics.connect(admin, "reads")', with: 'analytics.connect(admin, "counts")' },
    ],
  },
  {
    promise: "figures can be restored",
    mutants: [
      {
        ...data,
        name: "no restore to a second",
        replace: "pointInTimeRecoveryEnabled: stage.retainData",
        with: "pointInTimeRecoveryEnabled: false",
      },
      { ...data, name: "deleted by mistake", replace: "deletionProtection: stage.retainData", with: "deletionProtection: false" },
      { ...data, name: "read by anybody", replace: "blockPublicAccess: BlockPublicAccess.BLOCK_ALL,", with: "" },
      {
        ...network,
        name: "figures go over the internet",
        replace: "GatewayVpcEndpointAwsService.DYNAMODB",
        with: "GatewayVpcEndpointAwsService.S3",
      },
    ],
  },
]
