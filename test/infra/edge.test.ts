import { readFileSync } from "node:fs"
import { App } from "aws-cdk-lib"
import { Match } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { clientHeaders, wafHeaderPrefix } from "../../core/contracts/http/client-headers.ts"
import { problems } from "../../core/contracts/problems.ts"
import { edgeAnswers } from "../../lib/constructs/edge-rules.ts"
import { EdgeStack } from "../../lib/stacks/edge.ts"
import { stages } from "../../lib/stages.ts"
import { domain, edgeTemplate, propertiesOf, shop } from "./app-stack.ts"
import { originRequestHeaders } from "./edge-policies.ts"

interface Rule {
  Name: string
  Priority: number
  Action?: Record<string, unknown>
  Statement: Record<string, unknown>
}

interface Behavior {
  PathPattern?: string
  CachePolicyId: unknown
  Compress: boolean
  ViewerProtocolPolicy: string
  ResponseHeadersPolicyId?: unknown
  OriginRequestPolicyId?: unknown
}

const edge = edgeTemplate(shop)
const rulesOf = (template = edge): Rule[] => propertiesOf<{ Rules: Rule[] }>(template, "AWS::WAFv2::WebACL")[0]?.Rules ?? []
const rule = (name: string): Rule => {
  const found = rulesOf().find(({ Name }) => Name === name)
  if (found === undefined) throw new Error(`There is no rule ${name}`)
  return found
}
const { DistributionConfig: distribution } = propertiesOf<{
  DistributionConfig: { DefaultCacheBehavior: Behavior; CacheBehaviors: Behavior[] } & Record<string, unknown>
}>(edge, "AWS::CloudFront::Distribution")[0] ?? {
  DistributionConfig: { DefaultCacheBehavior: {} as Behavior, CacheBehaviors: [] },
}
const behavior = (pattern: string) => distribution.CacheBehaviors.find(({ PathPattern }) => PathPattern === pattern)

test("the firewall has CloudFront's scope, and its stack is in the region that CloudFront requires", () => {
  edge.hasResourceProperties("AWS::WAFv2::WebACL", { Scope: "CLOUDFRONT", DefaultAction: { Allow: {} } })
  expect(() => new EdgeStack(new App(), "Elsewhere", { stage: shop, env: { region: shop.region } })).toThrow("Allowed: us-east-1")
})

test("every limit counts over 60 seconds: 1,000 reads and 100 writes an address, 500,000 and 50,000 a second over all", () => {
  const limits = rulesOf().flatMap(({ Name, Statement: { RateBasedStatement } }) =>
    RateBasedStatement === undefined ? [] : [{ Name, ...RateBasedStatement }],
  )
  for (const limit of limits) expect(limit).toMatchObject({ EvaluationWindowSec: 60 })
  const [ip, all] = [{ AggregateKeyType: "IP" }, { AggregateKeyType: "CONSTANT" }]
  expect(limits).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ Name: "ReadsPerAddress", Limit: 1_000, ...ip }),
      expect.objectContaining({ Name: "WritesPerAddress", Limit: 100, ...ip }),
      expect.objectContaining({ Name: "ReadCeiling", Limit: 500_000 * 60, ...all }),
      expect.objectContaining({ Name: "WriteCeiling", Limit: 50_000 * 60, ...all }),
    ]),
  )
})

test("requests above a limit are refused with a Retry-After, by limits of their own for reads and writes", () => {
  const refusal = (code: number) => ({
    Action: { Block: { CustomResponse: { ResponseCode: code, ResponseHeaders: [{ Name: "retry-after", Value: "5" }] } } },
  })
  const looksAt = (name: string) => {
    const { RateBasedStatement } = rule(name).Statement as { RateBasedStatement: { ScopeDownStatement: object } }
    return Object.keys(RateBasedStatement.ScopeDownStatement)
  }
  for (const kind of ["Read", "Write"]) {
    expect(rule(`${kind}sPerAddress`)).toMatchObject(refusal(429))
    expect(rule(`${kind}Ceiling`)).toMatchObject(refusal(503))
  }
  // A write is every method but GET, HEAD and OPTIONS. The provider's few addresses do not count as shoppers.
  expect(looksAt("ReadsPerAddress")).toEqual(["OrStatement"])
  expect(looksAt("ReadCeiling")).toEqual(["OrStatement"])
  expect(looksAt("WriteCeiling")).toEqual(["NotStatement"])
  expect(rule("WritesPerAddress")).toMatchObject({
    Statement: {
      RateBasedStatement: { ScopeDownStatement: { AndStatement: { Statements: [{ NotStatement: {} }, aNotOnTheWebhook] } } },
    },
  })
})

const onTheWebhook = { ByteMatchStatement: { SearchString: "/v1/payments/webhook", PositionalConstraint: "EXACTLY" } }
const aNotOnTheWebhook = { NotStatement: { Statement: onTheWebhook } }

test("calls of the provider's webhook have a ceiling of twice the checkouts' calls, and no other limit but the ceilings for all", () => {
  const ceiling = (seconds: number) => ({
    RateBasedStatement: {
      Limit: shop.capacity.checkoutsPerSecond * 2 * seconds,
      AggregateKeyType: "CONSTANT",
      ScopeDownStatement: onTheWebhook,
    },
  })
  expect(rule("WebhookCeiling")).toMatchObject({
    Statement: ceiling(60),
    Action: { Block: { CustomResponse: { ResponseCode: 503 } } },
  })
  // Bot Control, the fingerprint and the page's token do not apply to writes of programs.
  for (const name of ["BotControl", "WritesPerFingerprint", "WritesWithoutVisit", "WritesNeedToken"]) {
    expect(JSON.stringify(rule(name).Statement), name).toContain("/v1/payments/webhook")
  }
})

test("a TLS fingerprint in one network has a limit of its own, which flags clients and refuses none", () => {
  expect(rule("WritesPerFingerprint")).toMatchObject({
    Statement: { RateBasedStatement: { CustomKeys: [{ JA4Fingerprint: { FallbackBehavior: "NO_MATCH" } }, { ASN: {} }] } },
    Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: "suspected", Value: "fingerprint" }] } } },
  })
  // Shoppers' writes: and(a write, not by a program).
  expect(rule("WritesPerFingerprint")).toMatchObject({
    Statement: {
      RateBasedStatement: { ScopeDownStatement: { AndStatement: { Statements: [{ NotStatement: {} }, { NotStatement: {} }] } } },
    },
  })
})

test("forged labels are refused before anything else", () => {
  expect(rule("NoForgedLabels")).toMatchObject({
    Priority: 0,
    Action: { Block: {} },
    Statement: {
      ByteMatchStatement: {
        SearchString: "x-amzn-waf-",
        FieldToMatch: { Headers: { MatchScope: "KEY", OversizeHandling: "MATCH" } },
        TextTransformations: [{ Type: "LOWERCASE" }],
      },
    },
  })
})

test("a shopper's write without the cookie of the page's challenge is flagged, not refused", () => {
  const { Action, Statement } = rule("WritesWithoutVisit")
  expect(Action).toMatchObject({ Count: { CustomRequestHandling: { InsertHeaders: [{ Name: "visit", Value: "none" }] } } })
  expect(Statement).toMatchObject({
    AndStatement: {
      Statements: [
        { AndStatement: { Statements: [{ NotStatement: {} }, { NotStatement: {} }] } },
        {
          NotStatement: {
            Statement: {
              ByteMatchStatement: {
                SearchString: "aws-waf-token=",
                FieldToMatch: { SingleHeader: { Name: "cookie" } },
                PositionalConstraint: "CONTAINS",
              },
            },
          },
        },
      ],
    },
  })
})

test("the origin gets every header that WAF inserts and that CloudFront adds to reservations", () => {
  const inserted = rulesOf().flatMap(({ Action }) => {
    const count = Action?.Count as { CustomRequestHandling?: { InsertHeaders: { Name: string }[] } } | undefined
    return count?.CustomRequestHandling?.InsertHeaders.map(({ Name }) => `${wafHeaderPrefix}${Name}`) ?? []
  })
  const fromEdge = Object.values(clientHeaders)
  expect(new Set(inserted)).toEqual(new Set(fromEdge.filter((name) => name.startsWith(wafHeaderPrefix))))
  expect(originRequestHeaders(edge, "flash-sale-prod-reservation")).toEqual(expect.arrayContaining(fromEdge))
  const order = distribution.CacheBehaviors.map(({ PathPattern }) => PathPattern)
  expect(order.indexOf("/v1/reservations")).toBeLessThan(order.indexOf("/v1/*"))
  expect(behavior("/v1/reservations")?.CachePolicyId).toMatchObject({ Ref: expect.stringContaining("ReservationCache") })
  expect(behavior("/v1/reservations")?.OriginRequestPolicyId).toMatchObject({
    Ref: expect.stringContaining("ReservationRequest"),
  })
})

test("addresses with a bad reputation are refused", () => {
  expect(rule("BadAddresses")).toMatchObject({
    Statement: { ManagedRuleGroupStatement: { Name: "AWSManagedRulesAmazonIpReputationList" } },
    OverrideAction: { None: {} },
  })
})

test("Bot Control inspects the page and shoppers' writes, and answers no write with a puzzle", () => {
  const { Statement } = rule("BotControl")
  const group = Statement.ManagedRuleGroupStatement as {
    RuleActionOverrides: { Name: string; ActionToUse: object }[]
    ManagedRuleGroupConfigs: object[]
  }
  expect(group.ManagedRuleGroupConfigs).toMatchObject([{ AWSManagedRulesBotControlRuleSet: { InspectionLevel: "TARGETED" } }])
  for (const { ActionToUse } of group.RuleActionOverrides) expect(ActionToUse).toEqual({ Count: {} })
  // The group's rules with the action Challenge or Captcha.
  expect(group.RuleActionOverrides.map(({ Name }) => Name).sort()).toEqual([
    "TGT_SignalAutomatedBrowser",
    "TGT_SignalBrowserAutomationExtension",
    "TGT_SignalBrowserInconsistency",
    "TGT_VolumetricIpTokenAbsent",
    "TGT_VolumetricSession",
    "TGT_VolumetricSessionMaximum",
  ])
  expect(rule("SuspectsAreNamed")).toMatchObject({
    Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: "suspected", Value: "bot" }] } } },
  })
})

test("the page is challenged, API calls are not; a write without the page's token gets 403", () => {
  const challenging = rulesOf().filter(({ Action }) => Action?.Challenge || Action?.Captcha)
  expect(challenging.map(({ Name }) => Name)).toEqual(["PageIsChallenged"])
  expect(JSON.stringify(challenging)).not.toContain("/v1")
  expect(rule("WritesNeedToken")).toMatchObject({ Action: { Block: { CustomResponse: { ResponseCode: 403 } } } })
  for (const label of ["absent", "rejected"])
    expect(JSON.stringify(rule("WritesNeedToken"))).toContain(`awswaf:managed:token:${label}`)
  expect(challenging).toMatchObject([{ ChallengeConfig: { ImmunityTimeProperty: { ImmunityTime: 3_600 } } }])
  const order = rulesOf().map(({ Name }) => Name)
  expect(order.indexOf("BotControl")).toBeLessThan(order.indexOf("WritesNeedToken"))
})

test("programs, which cannot solve a challenge, need no token of it", () => {
  const statement = JSON.stringify(rule("WritesNeedToken"))
  for (const path of ["/v1/reservations/batch", "/v1/admin/", "/v1/payments/webhook"]) expect(statement).toContain(path)
})

test("a refusal of the edge is a problem of the closed list, with its title and status", () => {
  for (const { type, title, status } of Object.values(edgeAnswers)) {
    const problem = Object.entries(problems).find(([slug]) => type === `/problems/${slug}`)?.[1]
    expect(problem, type).toMatchObject(status === 403 ? { status } : { title, status })
  }
})

test("a small stage has no Bot Control, whose price is per request", () => {
  expect(rulesOf(edgeTemplate(stages.dev)).map(({ Name }) => Name)).not.toContain("BotControl")
})

test("refusals of the firewall are logged, without tokens and receipts", () => {
  edge.hasResourceProperties("AWS::WAFv2::LoggingConfiguration", {
    RedactedFields: [{ SingleHeader: { Name: "authorization" } }, { QueryString: {} }],
    LoggingFilter: { Filters: [{ Behavior: "KEEP", Conditions: [{ ActionCondition: { Action: "BLOCK" } }] }] },
  })
})

test.each([
  ["stock", "/v1/skus/*", "stock", { QueryStringBehavior: "none" }],
  ["the catalogue", "/v1/skus", "catalogue", { QueryStringBehavior: "whitelist", QueryStrings: ["limit", "cursor"] }],
])(
  "%s is cached as the origin says, and long enough for its stale answers, with one answer for everyone",
  (_, path, name, query) => {
    const pattern = behavior(path)
    expect(pattern).toMatchObject({ Compress: true })
    expect(pattern).not.toHaveProperty("OriginRequestPolicyId")
    const policies = edge.findResources("AWS::CloudFront::CachePolicy", {
      Properties: { CachePolicyConfig: { Name: `flash-sale-prod-${name}` } },
    })
    expect(pattern?.CachePolicyId).toEqual({ Ref: Object.keys(policies)[0] })
    const handler = readFileSync(new URL("../../lambdas/availability/handler.ts", import.meta.url), "utf8")
    const [, fresh, stale] = /max-age=(\d+), stale-while-revalidate=(\d+)/.exec(handler) ?? []
    expect(fresh).toBe("1")
    edge.hasResourceProperties("AWS::CloudFront::CachePolicy", {
      CachePolicyConfig: {
        Name: `flash-sale-prod-${name}`,
        MinTTL: 0,
        MaxTTL: Number(fresh) + Number(stale),
        ParametersInCacheKeyAndForwardedToOrigin: Match.objectLike({
          HeadersConfig: { HeaderBehavior: "none" },
          QueryStringsConfig: query,
          CookiesConfig: { CookieBehavior: "none" },
          EnableAcceptEncodingGzip: true,
          EnableAcceptEncodingBrotli: true,
        }),
      },
    })
  },
)

test("the rest of the API is not cached and gets WAF's labels; narrower paths come first", () => {
  const order = distribution.CacheBehaviors.map(({ PathPattern }) => PathPattern)
  expect(order.indexOf("/v1/skus/*")).toBeLessThan(order.indexOf("/v1/*"))
  // The managed policies CachingDisabled and AllViewerExceptHostHeader.
  expect(behavior("/v1/*")).toMatchObject({
    CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
  })
})

test("every answer is compressed, over HTTPS, with security headers", () => {
  for (const answer of [distribution.DefaultCacheBehavior, ...distribution.CacheBehaviors]) {
    expect(answer).toMatchObject({ Compress: true, ViewerProtocolPolicy: "redirect-to-https" })
    expect(answer.ResponseHeadersPolicyId).toBeDefined()
  }
  const securityHeaders = {
    StrictTransportSecurity: Match.objectLike({ AccessControlMaxAgeSec: 2 * 365 * 24 * 3_600, Override: true }),
    ContentSecurityPolicy: { ContentSecurityPolicy: Match.stringLikeRegexp("^default-src 'self'; "), Override: true },
    ReferrerPolicy: { ReferrerPolicy: "no-referrer", Override: true },
    ContentTypeOptions: { Override: true },
    FrameOptions: { FrameOption: "DENY", Override: true },
  }
  edge.hasResourceProperties("AWS::CloudFront::ResponseHeadersPolicy", {
    ResponseHeadersPolicyConfig: { SecurityHeadersConfig: Match.objectLike(securityHeaders) },
  })
})

test("CloudFront sends the secret to the API, over TLS 1.2, and waits 10 s for a connection", () => {
  edge.hasResourceProperties("AWS::CloudFront::Distribution", {
    DistributionConfig: Match.objectLike({
      Aliases: [domain.siteName],
      WebACLId: { "Fn::GetAtt": [Match.stringLikeRegexp("Firewall"), "Arn"] },
      ViewerCertificate: Match.objectLike({ MinimumProtocolVersion: "TLSv1.2_2021", SslSupportMethod: "sni-only" }),
      Logging: Match.objectLike({ Prefix: "edge/" }),
      Origins: Match.arrayWith([
        Match.objectLike({
          DomainName: domain.apiName,
          ConnectionTimeout: 10,
          CustomOriginConfig: Match.objectLike({ OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] }),
          OriginCustomHeaders: [
            {
              HeaderName: "x-origin-secret",
              HeaderValue: "{{resolve:secretsmanager:flash-sale/prod/ORIGIN_SECRET:SecretString:::}}",
            },
          ],
        }),
      ]),
    }),
  })
})

test("the bucket of the page is closed to all but this distribution", () => {
  edge.resourceCountIs("AWS::CloudFront::OriginAccessControl", 1)
  const closed = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true }
  edge.allResourcesProperties("AWS::S3::Bucket", { PublicAccessBlockConfiguration: closed })
  const policies = JSON.stringify(propertiesOf(edge, "AWS::S3::BucketPolicy"))
  expect(policies).toContain("cloudfront.amazonaws.com")
  expect(policies).toContain("AWS:SourceArn")
  const refusesPlainHttp = '"Condition":{"Bool":{"aws:SecureTransport":"false"}}'
  expect(policies.split(refusesPlainHttp)).toHaveLength(1 + propertiesOf(edge, "AWS::S3::Bucket").length)
})

test("the name and its certificate exist only with a domain", () => {
  edge.hasResourceProperties("AWS::CertificateManager::Certificate", { DomainName: domain.siteName })
  edge.resourceCountIs("AWS::Route53::RecordSet", 2)
  const nameless = edgeTemplate(stages.dev)
  nameless.resourceCountIs("AWS::CertificateManager::Certificate", 0)
  nameless.resourceCountIs("AWS::Route53::RecordSet", 0)
  // The deployment asks for the API's name, so that one deployment is enough.
  const asked = JSON.stringify(propertiesOf(nameless, "Custom::AWS"))
  expect(asked).toContain("/flash-sale/dev/api-host")
  nameless.hasResourceProperties("AWS::CloudFront::Distribution", {
    DistributionConfig: Match.objectLike({
      Origins: Match.arrayWith([
        Match.objectLike({ DomainName: { "Fn::GetAtt": [Match.stringLikeRegexp("ApiHost"), "Parameter.Value"] } }),
      ]),
    }),
  })
})

test("Shield Advanced, which needs a subscription of the account, is used only if it is switched on", () => {
  edge.resourceCountIs("AWS::Shield::Protection", shop.edge.shieldAdvanced ? 1 : 0)
  edgeTemplate({ ...shop, edge: { ...shop.edge, shieldAdvanced: true } }).resourceCountIs("AWS::Shield::Protection", 1)
})
