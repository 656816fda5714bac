import { GetAccountSettingsCommand, LambdaClient, ListCapacityProvidersCommand } from "@aws-sdk/client-lambda"
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  paginateListServiceQuotas,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas"
import { GetAccountCommand, SESv2Client } from "@aws-sdk/client-sesv2"
import { cannotTell, doesNotApply, type Finding, isNotOk, isOk } from "../../core/domain/preflight/line.ts"
import type { PreflightCheck } from "../../core/workflows/preflight/run-checks.ts"
import { sendsMail } from "../../lib/capacity/mail.ts"
import type { StageConfig } from "../../lib/config.ts"
import { type AccountNeed, requestOf } from "../../lib/quotas/account-need.ts"

/** Service Quotas answers a few calls a second, and all checks ask at once: the SDK asks again until then. */
const askedWithinMs = 20_000
const tries = 10

/** A check for each need: what the account has, what the stage needs, and what requests the rest. */
export const quotaChecks = (needs: readonly AccountNeed[]): PreflightCheck[] =>
  needs.map((need) => ({
    part: "quotas",
    items: [need.item],
    lookWith: `aws service-quotas list-service-quotas --service-code ${need.askedOf.service} --region ${need.region}`,
    withinMs: askedWithinMs,
    run: async () => [judgeNeed(need, await accountValue(need))],
  }))

function judgeNeed(need: AccountNeed, value: number | undefined): Finding {
  const { needed, byDefault, because } = need
  if (value === undefined) {
    const unknown = `AWS shows no value; every account has ${byDefault} by default`
    return needed <= byDefault ? isOk(unknown) : cannotTell(`${unknown}, the stage needs ${needed}`, requestOf(need))
  }
  return value < needed ? isNotOk(`${value}, the stage needs ${needed} (${because})`, requestOf(need)) : isOk(`${value}`)
}

/** What the account has. Undefined: AWS does not say. @throws the errors of the SDK */
function accountValue({ askedOf, region }: AccountNeed): Promise<number | undefined> {
  const asker = { region, maxAttempts: tries }
  switch (askedOf.kind) {
    case "quota":
      return quotaOf(new ServiceQuotasClient(asker), askedOf.service, askedOf.code)
    case "named":
      return quotaNamed(new ServiceQuotasClient(asker), askedOf.service, askedOf.name)
    case "lambda":
      return new LambdaClient(asker)
        .send(new GetAccountSettingsCommand({}))
        .then(({ AccountLimit }) => AccountLimit?.ConcurrentExecutions)
    case "mail-rate":
      return mailAccount(region).then(({ SendQuota }) => SendQuota?.MaxSendRate)
    case "mail-day":
      return mailAccount(region).then(({ SendQuota }) => SendQuota?.Max24HourSend)
  }
}

/** The applied value. Service Quotas has none where an account never had another than the default: then the default. */
async function quotaOf(client: ServiceQuotasClient, ServiceCode: string, QuotaCode: string): Promise<number | undefined> {
  try {
    return (await client.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }))).Quota?.Value
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "NoSuchResourceException") throw error
    return (await client.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode }))).Quota?.Value
  }
}

async function quotaNamed(client: ServiceQuotasClient, ServiceCode: string, name: string): Promise<number | undefined> {
  for await (const { Quotas = [] } of paginateListServiceQuotas({ client }, { ServiceCode })) {
    const found = Quotas.find(({ QuotaName }) => QuotaName === name)
    if (found !== undefined) return found.Value
  }
  return undefined
}

const mailAccount = (region: string) => new SESv2Client({ region }).send(new GetAccountCommand({}))

/** In its sandbox SES sends to verified addresses only: no shopper would get a mail. */
export const mailAccessCheck = (stage: StageConfig): PreflightCheck => ({
  part: "quotas",
  items: ["mails to every shopper"],
  lookWith: `aws sesv2 get-account --region ${stage.region}`,
  async run() {
    const { region, domain } = stage
    if (!sendsMail(stage)) return [doesNotApply("this stage sends no mails of its own")]
    const { ProductionAccessEnabled } = await mailAccount(region)
    const leave = `aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL --website-url https://${domain?.siteName} --region ${region}`
    return [
      ProductionAccessEnabled
        ? isOk("the account is out of the sandbox of SES")
        : isNotOk("the account is in the sandbox of SES: only verified addresses get mails", leave),
    ]
  },
})

/**
 * Lambda has managed instances in some regions only. It answers a list of capacity providers where it has them. That it answers
 * 404 elsewhere is an assumption: AWS documents no answer for such a region.
 */
export const managedInstancesCheck = ({ region, reserve }: StageConfig): PreflightCheck => ({
  part: "quotas",
  items: ["managed instances are offered"],
  lookWith: `aws lambda list-capacity-providers --region ${region}`,
  async run() {
    if (reserve.kind === "functions") return [doesNotApply("reserve runs on functions in this stage")]
    try {
      await new LambdaClient({ region }).send(new ListCapacityProvidersCommand({ MaxItems: 1 }))
      return [isOk(`Lambda has managed instances in ${region}`)]
    } catch (error) {
      if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== 404) throw error
      const instead = "set reserve of the stage to functions, or choose a region that has them"
      return [isNotOk(`Lambda has no managed instances in ${region}`, instead)]
    }
  },
})
