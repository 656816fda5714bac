import {
  CognitoIdentityProviderClient,
  paginateListGroups,
  paginateListUserPools,
} from "@aws-sdk/client-cognito-identity-provider"
import { LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda"
import { paginateListSecrets, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { consumerGroups } from "../../core/contracts/consumer-groups.ts"
import { userGroups } from "../../core/contracts/environment.ts"
import { consumerFunctionName } from "../../core/contracts/ops.ts"
import { doesNotApply, type Finding, isNotOk, judged } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"
import type { StageConfig } from "../../lib/config.ts"
import { accountNeeds } from "../../lib/quotas/account-needs.ts"
import { warmthOf } from "../warm.ts"
import { mailAccessCheck, quotaChecks } from "./account-quotas.ts"
import { judgeConnections } from "./connections.ts"

const day = 86_400_000
/** A secret that nobody changed for longer is not rotated. */
const oldestSecretDays = 400
/** What Lambda says of a mapping that works; before its first records it says the second. */
const goodResults: ReadonlySet<string> = new Set(["OK", "No records processed"])

/** What AWS says of the account and the functions of a stage. @param mend deploys the stage */
export const stageAccountChecks = (stage: StageConfig, mend: string): PreflightCheck[] => [
  {
    part: "functions",
    items: ["warm environments"],
    lookWith: "ops warm",
    async run() {
      const warmth = await warmthOf(stage)
      if (warmth.length === 0) return [doesNotApply("the config of this stage asks for no warm environments")]
      const cold = warmth
        .filter(({ ready, asked }) => ready < asked)
        .map((each) => `${each.function} ${each.ready}/${each.asked}`)
      return [judged(cold, `${warmth.length} functions`, "ops warm")]
    },
  },
  {
    part: "functions",
    items: ["connected environments"],
    lookWith: "ops warm",
    run: async () => [await judgeConnections(stage)],
  },
  { part: "functions", items: ["age of secrets"], lookWith: mend, run: async () => [await judgeSecrets(stage)] },
  { part: "consumers", items: ["event source mappings"], lookWith: "ops groups", run: async () => [await judgeMappings(stage)] },
  { part: "identity", items: ["tiers"], lookWith: mend, run: async () => [await judgeGroups(stage, mend)] },
  ...quotaChecks(accountNeeds(stage).filter(({ limits }) => limits === "sale")),
  mailAccessCheck(stage),
]

/** Every consumer group has a mapping that is on, and whose last delivery went well. */
async function judgeMappings({ name, region }: StageConfig): Promise<Finding> {
  const client = new LambdaClient({ region })
  const faults = await Promise.all(
    Object.entries(consumerGroups).map(async ([group, { lambda }]) => {
      const FunctionName = consumerFunctionName(name, lambda)
      const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({ FunctionName }))
      const mapping = EventSourceMappings.find(
        ({ AmazonManagedKafkaEventSourceConfig: kafka }) => kafka?.ConsumerGroupId === group,
      )
      if (mapping === undefined) return [[group, "has no mapping"]]
      const { State = "unknown", LastProcessingResult = "OK" } = mapping
      if (State !== "Enabled") return [[group, `is ${State}`]]
      return goodResults.has(LastProcessingResult) ? [] : [[group, `last answered "${LastProcessingResult}"`]]
    }),
  )
  const [first] = faults.flat()
  return judged(
    faults.flat().map((each) => each.join(" ")),
    "on, and the last delivery went well",
    `ops consumers start ${first?.[0]}`,
  )
}

/** Shoppers get their tier by a group of the user pool. */
async function judgeGroups({ name, region }: StageConfig, mend: string): Promise<Finding> {
  const client = new CognitoIdentityProviderClient({ region })
  let poolId: string | undefined
  for await (const { UserPools = [] } of paginateListUserPools({ client }, { MaxResults: 60 }))
    poolId ??= UserPools.find(({ Name }) => Name === `flash-sale-${name}`)?.Id
  if (poolId === undefined) return isNotOk(`there is no user pool flash-sale-${name}`, mend)
  const known = new Set<string>()
  for await (const { Groups = [] } of paginateListGroups({ client }, { UserPoolId: poolId }))
    for (const { GroupName = "" } of Groups) known.add(GroupName)
  const missing = Object.keys(userGroups).filter((group) => !known.has(group))
  return judged(
    missing.map((group) => `the group ${group} does not exist`),
    Object.keys(userGroups).join(", "),
    mend,
  )
}

/** No secret of the stage is older than it may be. */
async function judgeSecrets({ name, region }: StageConfig): Promise<Finding> {
  const client = new SecretsManagerClient({ region })
  const old: string[] = []
  let count = 0
  const asked = { Filters: [{ Key: "name" as const, Values: [`flash-sale/${name}/`] }] }
  for await (const { SecretList = [] } of paginateListSecrets({ client }, asked)) {
    for (const { Name = "", LastChangedDate, CreatedDate } of SecretList) {
      count += 1
      const changedMs = (LastChangedDate ?? CreatedDate)?.getTime() ?? 0
      const days = Math.floor((Date.now() - changedMs) / day)
      if (days > oldestSecretDays) old.push(`${Name} is ${days} days old`)
    }
  }
  const [first = ""] = old
  const mend = `aws secretsmanager rotate-secret --secret-id ${first.split(" ")[0]}`
  if (count === 0) return isNotOk(`the stage has no secrets named flash-sale/${name}/`, mend)
  return judged(old, `${count} secrets, none older than ${oldestSecretDays} days`, mend)
}
