import { Duration, Stack } from "aws-cdk-lib"
import { Effect, OidcProviderNative, PolicyDocument, PolicyStatement, Role, WebIdentityPrincipal } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import type { SaleConfig, StageConfig } from "../config.ts"

const issuer = "token.actions.githubusercontent.com"
/** The default qualifier in the role names of `cdk bootstrap`. */
const bootstrapQualifier = "hnb659fds"
/** The lookup role reads only: the drift check uses it, also while deploys are frozen. */
const deployingRoles = ["deploy-role", "file-publishing-role"] as const
const readingRoles = ["lookup-role"] as const

/**
 * The freeze begins so early that a session from before it ends by the opening. It ends after the last hold, with time to read
 * the report.
 */
const freezeBefore = Duration.hours(1)
const freezeAfter = Duration.minutes(30)
const longestSession = Duration.hours(1)

export interface DeployRoleProps {
  readonly stage: StageConfig
  /** Every region that a stack of the stage is in. */
  readonly regions: readonly string[]
}

/**
 * The rights of GitHub's workflow, without a key that could leak: it may assume the roles of `cdk bootstrap`, from this stage's
 * GitHub environment only. While a sale is near or open it may assume none that changes the stage's region. The edge stays
 * deployable, to answer an attack.
 */
export class DeployRole extends Construct {
  readonly role: Role

  constructor(scope: Construct, id: string, { stage, regions }: DeployRoleProps) {
    super(scope, id)
    if (stage.pipeline === undefined) throw new Error(`Stage "${stage.name}" has no pipeline.repository: nobody may deploy it.`)
    const provider = new OidcProviderNative(this, "GitHub", { url: `https://${issuer}`, clientIds: ["sts.amazonaws.com"] })
    const arnsOf = (roles: readonly string[], region: string) => roles.map((role) => bootstrapRoleArn(this, role, region))
    const frozen = arnsOf(deployingRoles, stage.region)
    this.role = new Role(this, "Role", {
      roleName: `flash-sale-${stage.name}-deploy`,
      description: `Deploys stage ${stage.name} from ${stage.pipeline.repository}`,
      maxSessionDuration: longestSession,
      assumedBy: new WebIdentityPrincipal(provider.oidcProviderArn, {
        StringEquals: {
          [`${issuer}:aud`]: "sts.amazonaws.com",
          [`${issuer}:sub`]: `repo:${stage.pipeline.repository}:environment:${stage.name}`,
        },
      }),
      inlinePolicies: {
        Deploy: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ["sts:AssumeRole"],
              resources: regions.flatMap((region) => arnsOf([...deployingRoles, ...readingRoles], region)),
            }),
            ...stage.sales.map((sale) => freeze(sale, frozen)),
          ],
        }),
      },
    })
  }
}

function bootstrapRoleArn(scope: Construct, role: string, region: string): string {
  const { account, partition } = Stack.of(scope)
  return `arn:${partition}:iam::${account}:role/cdk-${bootstrapQualifier}-${role}-${account}-${region}`
}

/** A sale's freeze is a denial with dates: no workflow can bypass it, and it ends without an action. */
function freeze(sale: SaleConfig, resources: string[]): PolicyStatement {
  const { from, to } = freezeWindow(sale)
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: ["sts:AssumeRole"],
    resources,
    conditions: { DateGreaterThan: { "aws:CurrentTime": from }, DateLessThan: { "aws:CurrentTime": to } },
  })
}

/** The time in which nothing may be deployed because of a sale, in RFC 3339. */
export function freezeWindow({ opensAt, closesAt, holdSeconds }: SaleConfig): { readonly from: string; readonly to: string } {
  const at = (time: string, shiftMs: number) => new Date(Date.parse(time) + shiftMs).toISOString()
  return {
    from: at(opensAt, -freezeBefore.toMilliseconds()),
    to: at(closesAt, holdSeconds * 1_000 + freezeAfter.toMilliseconds()),
  }
}
