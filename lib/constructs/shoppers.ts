import { Duration, Stack, Validations } from "aws-cdk-lib"
import {
  AccountRecovery,
  CfnUserPoolGroup,
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  StandardThreatProtectionMode,
  UserPool,
  type UserPoolClient,
} from "aws-cdk-lib/aws-cognito"
import { Construct } from "constructs"
import { scopeServer, userGroups } from "../../core/contracts/environment.ts"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { removalPolicyOf } from "./retention.ts"

/** What a program may be allowed to do; people get the same through their groups. */
const scopes = {
  "reservations:batch": "Reserve for many users in one call",
  "sales:admin": "Create, open, halt and verify sales",
} as const

const minimumPasswordLength = 12

/** Who the shoppers are. A group is a tier of trust or a set of scopes; nothing a client says of itself counts. */
export class Shoppers extends Construct {
  readonly pool: UserPool
  readonly #clients: readonly UserPoolClient[]

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    this.pool = new UserPool(this, "Pool", {
      userPoolName: `flash-sale-${stage.name}`,
      featurePlan: FeaturePlan.PLUS,
      // Bots come with stolen passwords: such sign-ins are stopped here, before they have a token.
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      passwordPolicy: {
        minLength: minimumPasswordLength,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(1),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: stage.retainData,
      removalPolicy: removalPolicyOf(stage),
    })
    Validations.of(this.pool).acknowledge({
      id: "AwsSolutions-COG2",
      reason: "A shopper may use a second factor; to demand one of everybody would cost more sales than bots do.",
    })
    for (const [groupName, group] of Object.entries(userGroups)) {
      new CfnUserPoolGroup(this, `Group-${groupName}`, {
        userPoolId: this.pool.userPoolId,
        groupName,
        description: "tier" in group ? `Tier ${group.tier}` : `May ${group.scopes.join(", ")}`,
      })
    }
    const server = Object.entries(scopes).map(
      ([scopeName, scopeDescription]) => new ResourceServerScope({ scopeName, scopeDescription }),
    )
    const resourceServer = this.pool.addResourceServer("Api", { identifier: scopeServer, scopes: server })
    this.pool.addDomain("SignIn", { cognitoDomain: { domainPrefix: `flash-sale-${stage.name}-${Stack.of(this).account}` } })

    const storefrontUrl = stage.domain ? [`https://${stage.domain.siteName}/`] : undefined
    const storefront = this.pool.addClient("Storefront", {
      authFlows: { userSrp: true },
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.minutes(60),
      idTokenValidity: Duration.minutes(60),
      refreshTokenValidity: Duration.days(1),
      ...(storefrontUrl
        ? {
            oAuth: {
              flows: { authorizationCodeGrant: true },
              scopes: [OAuthScope.OPENID],
              callbackUrls: storefrontUrl,
              logoutUrls: storefrontUrl,
            },
          }
        : { disableOAuth: true }),
    })
    const partner = this.pool.addClient("Partner", {
      generateSecret: true,
      accessTokenValidity: Duration.minutes(15),
      authFlows: {},
      oAuth: {
        flows: { clientCredentials: true },
        scopes: server
          .filter(({ scopeName }) => scopeName === "reservations:batch")
          .map((one) => OAuthScope.resourceServer(resourceServer, one)),
      },
    })
    this.#clients = [storefront, partner]
  }

  /** Whose tokens a function accepts: access tokens of this pool's clients. */
  get tokenEnvironment(): Readonly<Record<string, string>> {
    const issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${this.pool.userPoolId}`
    return {
      TOKEN_KIND: "cognito",
      TOKEN_ISSUER: issuer,
      TOKEN_JWKS_URI: `${issuer}/.well-known/jwks.json`,
      TOKEN_AUDIENCE: this.#clients.map(({ userPoolClientId }) => userPoolClientId).join(","),
    }
  }

  /** Tells a function whose tokens to accept. */
  identifyTo(client: Pick<Connectable, "addEnvironment">): void {
    for (const [name, value] of Object.entries(this.tokenEnvironment)) client.addEnvironment(name, value)
  }
}
