import { CfnOutput, Duration, Stack, Validations } from "aws-cdk-lib"
import {
  AccountRecovery,
  CfnUserPoolClient,
  CfnUserPoolGroup,
  ClientAttributes,
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  StandardThreatProtectionMode,
  StringAttribute,
  UserPool,
  type UserPoolClient,
  UserPoolEmail,
} from "aws-cdk-lib/aws-cognito"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { StringParameter } from "aws-cdk-lib/aws-ssm"
import { Construct } from "constructs"
import { accountCreatedAttribute } from "../../core/contracts/account-age.ts"
import { scopeServer, userGroups } from "../../core/contracts/environment.ts"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { removalPolicyOf } from "./retention.ts"

/** Where the edge finds the ids of the user pool and of the page's client: `<pool>,<client>`. */
export const signInParameterName = ({ name }: Pick<StageConfig, "name">): string => `/flash-sale/${name}/sign-in`

/** Scopes for programs. People get the same rights through their groups. */
const scopes = {
  "reservations:batch": "Reserve for many users in one call",
  "sales:admin": "Create, open, halt and verify sales",
} as const

const minimumPasswordLength = 12
/** SES has verified the domain of the sender, not the address: Cognito refuses an identity that SES does not know. */
const codesFrom = (sender: string, { region }: StageConfig): UserPoolEmail =>
  UserPoolEmail.withSES({
    fromEmail: sender,
    sesRegion: region,
    sesVerifiedDomain: sender.slice(sender.lastIndexOf("@") + 1),
  })

/** For the team's sign-in. Shoppers' tokens last as long as the stage says. */
const validity = { accessTokenValidity: Duration.minutes(60), idTokenValidity: Duration.minutes(60) }

/**
 * The user pool of shoppers, operators and partners. A group is a tier of trust or a set of scopes; claims of a client itself do
 * not count. The pool has no domain: with one Cognito does not answer through an endpoint of the VPC, and the functions could not
 * read the keys that verify tokens (docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html). Hence there
 * is no sign-in page of Cognito.
 */
export class Shoppers extends Construct {
  readonly pool: UserPool
  readonly #clients: readonly UserPoolClient[]

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    this.pool = this.#pool(stage)
    for (const [groupName, group] of Object.entries(userGroups)) {
      new CfnUserPoolGroup(this, `Group-${groupName}`, {
        userPoolId: this.pool.userPoolId,
        groupName,
        description: "tier" in group ? `Tier ${group.tier}` : `May ${group.scopes.join(", ")}`,
      })
    }
    const storefront = this.#storefront(stage)
    const operators = this.#operators()
    const partner = this.#partner()
    new CfnOutput(this, "PoolId", { value: this.pool.userPoolId, description: "Where operators are made (docs/DEPLOY.md)" })
    new CfnOutput(this, "OperatorsClientId", { value: operators.userPoolClientId })
    this.#clients = [storefront, operators, partner]
    new StringParameter(this, "SignIn", {
      parameterName: signInParameterName(stage),
      description: "User pool and client of the page; the edge, in another region, reads it at its deployment",
      stringValue: `${this.pool.userPoolId},${storefront.userPoolClientId}`,
    })
  }

  /** The settings by which a function accepts access tokens of this pool's clients. */
  get tokenEnvironment(): Readonly<Record<string, string>> {
    const issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${this.pool.userPoolId}`
    return {
      TOKEN_KIND: "cognito",
      TOKEN_ISSUER: issuer,
      TOKEN_JWKS_URI: `${issuer}/.well-known/jwks.json`,
      TOKEN_AUDIENCE: this.#clients.map(({ userPoolClientId }) => userPoolClientId).join(","),
    }
  }

  /** Makes a function accept the tokens of this pool. */
  identifyTo(client: Pick<Connectable, "addEnvironment">): void {
    for (const [name, value] of Object.entries(this.tokenEnvironment)) client.addEnvironment(name, value)
  }

  /** Lets a function find the address of a user by their id. */
  addressTo(client: Connectable): void {
    client.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["cognito-idp:AdminGetUser"], resources: [this.pool.userPoolArn] }),
    )
    client.addEnvironment("USER_POOL_ID", this.pool.userPoolId)
  }

  #pool(stage: StageConfig): UserPool {
    const sender = stage.domain?.senderAddress
    const pool = new UserPool(this, "Pool", {
      userPoolName: `flash-sale-${stage.name}`,
      featurePlan: FeaturePlan.PLUS,
      // Bots use stolen passwords: Cognito blocks such sign-ins before they get a token.
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      ...(sender !== undefined && { email: codesFrom(sender, stage) }),
      standardAttributes: { email: { required: true, mutable: true } },
      // Only our trigger writes it, with a right in IAM.
      customAttributes: { [accountCreatedAttribute]: new StringAttribute({ mutable: true, maxLen: 11 }) },
      passwordPolicy: {
        minLength: minimumPasswordLength,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(1),
      },
      // A code by e-mail in place of a password. Those who set up a second factor sign in with their password and the factor.
      signInPolicy: { allowedFirstAuthFactors: { password: true, emailOtp: true } },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: stage.retainData,
      removalPolicy: removalPolicyOf(stage),
    })
    Validations.of(pool).acknowledge({
      id: "AwsSolutions-COG2",
      reason: "A shopper may use a second factor; to demand one of everybody would cost more sales than bots do.",
    })
    return pool
  }

  /**
   * The page's client. It has no secret, because a page cannot keep one. A refresh token allows one renewal: a stolen one is
   * noticed, for its second use ends the session. Two tabs that renew at the same time are within the grace period.
   *
   * An access token lasts from the sign-in before the opening until the sale is over (lib/guardrails/sign-in.ts): Cognito takes
   * 120 sign-ins and renewals a second, and 250,000 renewals in the minutes of the opening would be a thousand.
   */
  #storefront({ signIn }: StageConfig): UserPoolClient {
    const lasting = Duration.minutes(signIn.accessTokenMinutes)
    return this.pool.addClient("Storefront", {
      accessTokenValidity: lasting,
      idTokenValidity: lasting,
      // What a shopper states about themselves; not when their account was made.
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true, locale: true, timezone: true }),
      authFlows: { userSrp: true, user: true },
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      refreshTokenValidity: Duration.days(1),
      refreshTokenRotationGracePeriod: Duration.seconds(60),
      disableOAuth: true,
    })
  }

  /** For the team's sign-in (docs/DEPLOY.md): it needs the right to call AdminInitiateAuth. */
  #operators(): UserPoolClient {
    return this.pool.addClient("Operators", {
      ...validity,
      authFlows: { adminUserPassword: true },
      generateSecret: false,
      preventUserExistenceErrors: true,
      disableOAuth: true,
    })
  }

  #partner(): UserPoolClient {
    const server = Object.entries(scopes).map(
      ([scopeName, scopeDescription]) => new ResourceServerScope({ scopeName, scopeDescription }),
    )
    const resourceServer = this.pool.addResourceServer("Api", { identifier: scopeServer, scopes: server })
    const partner = this.pool.addClient("Partner", {
      generateSecret: true,
      accessTokenValidity: Duration.minutes(15),
      oAuth: {
        flows: { clientCredentials: true },
        scopes: server
          .filter(({ scopeName }) => scopeName === "reservations:batch")
          .map((one) => OAuthScope.resourceServer(resourceServer, one)),
      },
    })
    const partnerClient = partner.node.defaultChild
    if (!(partnerClient instanceof CfnUserPoolClient)) throw new Error("The partner's client is no CfnUserPoolClient")
    // GetClientToken: client credentials of a pool without a domain. It allows no other flow beside it.
    partnerClient.explicitAuthFlows = ["ALLOW_CLIENT_TOKEN_AUTH"]
    // The schemas of CDK and cfn-lint do not know this flow yet. Cognito's own example sets it with CloudFormation.
    Validations.of(partner).acknowledge({
      id: "CloudFormation-Validate::W3030",
      reason: "A flow that the schema does not know yet",
    })
    partnerClient.addMetadata("cfn-lint", { config: { ignore_checks: ["E3030"] } })
    return partner
  }
}
