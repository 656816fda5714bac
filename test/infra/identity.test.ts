import { Match } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import { accountCreatedAttribute } from "../../core/contracts/account-age.ts"
import { scopeServer, userGroups } from "../../core/contracts/environment.ts"
import { routes } from "../../core/contracts/http/routes.ts"
import { stages } from "../../lib/stages.ts"
import { shop } from "./app-stack.ts"
import { dataStacks } from "./data-stacks.ts"

const stacks = dataStacks(stages.prod)
const { client, environment } = stacks.connectable("reserve")
stacks.identity.shoppers.identifyTo(client)
const { identity } = stacks.templates()

describe("the identity of shoppers", () => {
  test.each(Object.keys(userGroups))("knows the group %s, which means a tier or scopes", (GroupName) =>
    identity.hasResourceProperties("AWS::Cognito::UserPoolGroup", { GroupName }),
  )

  test("has every scope that a route asks for", () => {
    const wanted = routes.map(({ access }) => access).filter((access) => access.includes(":"))
    identity.hasResourceProperties("AWS::Cognito::UserPoolResourceServer", {
      Identifier: scopeServer,
      Scopes: Match.arrayWith([...new Set(wanted)].sort().map((ScopeName) => Match.objectLike({ ScopeName }))),
    })
  })

  test("gives programs the scope of batches and never that of administration", () => {
    const clients = Object.values(identity.findResources("AWS::Cognito::UserPoolClient"))
    const scopes = clients.map(({ Properties }) => JSON.stringify(Properties.AllowedOAuthScopes ?? []))
    expect(scopes.some((list) => list.includes("reservations:batch"))).toBe(true)
    expect(scopes.some((list) => list.includes("sales:admin"))).toBe(false)
  })

  test("answers through an endpoint of the VPC, which Cognito refuses for a pool with a domain", () => {
    identity.resourceCountIs("AWS::Cognito::UserPoolDomain", 0)
    stacks.templates().network.hasResourceProperties("AWS::EC2::VPCEndpoint", {
      ServiceName: Match.stringLikeRegexp("cognito-idp$"),
      PrivateDnsEnabled: true,
    })
  })

  test.each([
    [
      "shoppers prove their password without sending it, or enter a code from an e-mail",
      ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"],
    ],
    ["operators sign in with a right in IAM", ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]],
    ["programs show their secret, and can do nothing else", ["ALLOW_CLIENT_TOKEN_AUTH"]],
  ])("%s", (_who, allowed) => {
    const flows = Object.values(identity.findResources("AWS::Cognito::UserPoolClient")).map(
      ({ Properties }): string[] => Properties.ExplicitAuthFlows,
    )
    for (const flow of allowed) {
      const [own, ...others] = flows.filter((each) => each.includes(flow))
      expect(own?.filter((each) => each !== "ALLOW_REFRESH_TOKEN_AUTH")).toEqual(allowed)
      expect(others).toEqual([])
    }
  })

  test("lets a shopper sign in with a code from an e-mail in place of a password", () => {
    identity.hasResourceProperties("AWS::Cognito::UserPool", {
      Policies: Match.objectLike({ SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } }),
    })
  })

  test("gives the page a client without a secret, whose refresh tokens allow one renewal and end with the day", () => {
    identity.hasResourceProperties("AWS::Cognito::UserPoolClient", {
      ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"],
      GenerateSecret: false,
      AllowedOAuthFlowsUserPoolClient: false,
      EnableTokenRevocation: true,
      AccessTokenValidity: stages.prod.signIn.accessTokenMinutes,
      RefreshTokenValidity: 24 * 60,
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 60 },
    })
  })

  test("sends codes through Amazon SES where the stage names a sender: Cognito itself sends 50 e-mails a day", () => {
    const domain = { ...shop.domain, senderAddress: "no-reply@shop.example" } as NonNullable<typeof shop.domain>
    const { identity: withSender } = dataStacks({ ...shop, domain }).templates()
    withSender.hasResourceProperties("AWS::Cognito::UserPool", {
      EmailConfiguration: {
        EmailSendingAccount: "DEVELOPER",
        From: "no-reply@shop.example",
        // The domain is what SES has verified (docs/DEPLOY.md#sign-in), not the address.
        SourceArn: { "Fn::Join": ["", Match.arrayWith([Match.stringLikeRegexp(":identity/shop\\.example$")])] },
      },
    })
    const { identity: without } = dataStacks(stages.dev).templates()
    expect(Object.values(without.findResources("AWS::Cognito::UserPool"))[0]?.Properties).not.toHaveProperty("EmailConfiguration")
  })

  test("tells the edge, which is in another region, the pool and the page's client", () => {
    const [pool] = Object.keys(identity.findResources("AWS::Cognito::UserPool"))
    const [client] = Object.entries(identity.findResources("AWS::Cognito::UserPoolClient")).flatMap(([id, { Properties }]) =>
      Properties.ExplicitAuthFlows.includes("ALLOW_USER_SRP_AUTH") ? [id] : [],
    )
    identity.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/flash-sale/prod/sign-in",
      Value: { "Fn::Join": ["", [{ Ref: pool }, ",", { Ref: client }]] },
    })
  })

  test("does not reveal whether an address has an account, and is protected from deletion", () => {
    identity.hasResourceProperties("AWS::Cognito::UserPool", { DeletionProtection: "ACTIVE" })
    const people = Object.values(identity.findResources("AWS::Cognito::UserPoolClient")).filter(
      ({ Properties }) => Properties.GenerateSecret === false,
    )
    expect(people.length).toBeGreaterThan(0)
    for (const { Properties } of people) expect(Properties.PreventUserExistenceErrors).toBe("ENABLED")
  })

  test("blocks sign-ins with stolen passwords, requires long passwords, and accepts the team's and partners' tokens for an hour at most", () => {
    identity.hasResourceProperties("AWS::Cognito::UserPool", {
      UserPoolAddOns: { AdvancedSecurityMode: "ENFORCED" },
      Policies: { PasswordPolicy: Match.objectLike({ MinimumLength: 12 }) },
    })
    for (const { Properties } of Object.values(identity.findResources("AWS::Cognito::UserPoolClient"))) {
      expect(Properties.TokenValidityUnits.AccessToken).toBe("minutes")
      const ofShoppers = Properties.ExplicitAuthFlows.includes("ALLOW_USER_SRP_AUTH")
      expect(Properties.AccessTokenValidity).toBeLessThanOrEqual(ofShoppers ? stages.prod.signIn.accessTokenMinutes : 60)
    }
  })

  test("has a trigger that notes when an account was made, and another that writes it into access tokens; both are one function", () => {
    const [trigger] = Object.entries(identity.findResources("AWS::Lambda::Function")).flatMap(([id, { Properties }]) =>
      Properties.FunctionName === "flash-sale-prod-token-claims" ? [id] : [],
    )
    const arn = { "Fn::GetAtt": [trigger, "Arn"] }
    identity.hasResourceProperties("AWS::Cognito::UserPool", {
      // An access token can be changed from the second version of the event on.
      LambdaConfig: { PostConfirmation: arn, PreTokenGenerationConfig: { LambdaArn: arn, LambdaVersion: "V2_0" } },
      Schema: Match.arrayWith([Match.objectLike({ Name: accountCreatedAttribute, Mutable: true })]),
    })
    const [pool] = Object.keys(identity.findResources("AWS::Cognito::UserPool"))
    identity.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: [
          {
            Effect: "Allow",
            Action: "cognito-idp:AdminUpdateUserAttributes",
            Resource: { "Fn::GetAtt": [pool, "Arn"] },
          },
        ],
      },
    })
    identity.allResourcesProperties("AWS::Lambda::Permission", {
      Principal: "cognito-idp.amazonaws.com",
      SourceArn: { "Fn::GetAtt": [pool, "Arn"] },
    })
  })

  test("lets no shopper write when their account was made", () => {
    const clients = Object.values(identity.findResources("AWS::Cognito::UserPoolClient")).map(({ Properties }) => Properties)
    const page = clients.find(({ ExplicitAuthFlows }) => ExplicitAuthFlows.includes("ALLOW_USER_SRP_AUTH"))
    expect(page?.WriteAttributes.toSorted()).toEqual(["email", "locale", "zoneinfo"])
    // Without a list a client writes the standard attributes, and no other.
    for (const { WriteAttributes = [] } of clients) expect(JSON.stringify(WriteAttributes)).not.toContain("custom:")
  })

  test("is the pool by which the functions verify tokens", () => {
    expect(environment).toMatchObject({ TOKEN_KIND: "cognito" })
    expect(Object.keys(environment).sort()).toEqual(["TOKEN_AUDIENCE", "TOKEN_ISSUER", "TOKEN_JWKS_URI", "TOKEN_KIND"])
    const { code } = stacks
    const { TOKEN_ISSUER, TOKEN_JWKS_URI = "", TOKEN_AUDIENCE = "" } = environment
    expect(TOKEN_JWKS_URI).toBe(`${TOKEN_ISSUER}/.well-known/jwks.json`)
    const clients = Object.keys(identity.findResources("AWS::Cognito::UserPoolClient"))
    expect(TOKEN_AUDIENCE.split(",")).toHaveLength(clients.length)
    expect(TOKEN_ISSUER).toContain(`cognito-idp.${code.region}.amazonaws.com`)
  })
})
