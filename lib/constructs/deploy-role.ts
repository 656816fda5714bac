import { Duration, Stack } from "aws-cdk-lib"
import { Effect, OidcProviderNative, PolicyDocument, PolicyStatement, Role, WebIdentityPrincipal } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import type { SaleConfig, StageConfig } from "../config.ts"

const issuer = "token.actions.githubusercontent.com"
/** `cdk bootstrap` names its roles with this qualifier, unless told otherwise. */
const bootstrapQualifier = "hnb659fds"
/** The lookup role reads only: the drift check uses it, also while deploys are frozen. */
const deployingRoles = ["deploy-role", "file-publishing-role"] as const
const readingRoles = ["lookup-role"] as const

/**
 * The freeze begins early enough that a session which began before it has ended by the opening, and ends when the last hold has ended
 * and the report has been looked at.
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
 * What GitHub's workflow may do, without a key that could leak: take on the roles that `cdk bootstrap` made, in this stage's environment
 * only, and none that changes the stage's region while a sale is near or open. The edge stays deployable, to answer an attack.
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

/** A sale's freeze is a denial with a date in it: no step of a workflow can forget it, and nobody has to lift it. */
function freeze(sale: SaleConfig, resources: string[]): PolicyStatement {
  const { from, to } = freezeWindow(sale)
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: ["sts:AssumeRole"],
    resources,
    conditions: { DateGreaterThan: { "aws:CurrentTime": from }, DateLessThan: { "aws:CurrentTime": to } },
  })
}

/** When nothing may be deployed for a sale, RFC 3339. */
export function freezeWindow({ opensAt, closesAt, holdSeconds }: SaleConfig): { readonly from: string; readonly to: string } {
  const at = (time: string, shiftMs: number) => new Date(Date.parse(time) + shiftMs).toISOString()
  return {
    from: at(opensAt, -freezeBefore.toMilliseconds()),
    to: at(closesAt, holdSeconds * 1_000 + freezeAfter.toMilliseconds()),
  }
}
