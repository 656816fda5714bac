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
  OriginRequestPolicyId?: string
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

test("the firewall is CloudFront's, and the stack where CloudFront looks for it", () => {
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

test("what is above a limit is refused, reads as reads and writes as writes, and hears when to come back", () => {
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
  // A write is whatever is neither GET, HEAD nor OPTIONS; the provider's few addresses are not counted as shoppers'.
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

test("calls at the provider's webhook have a ceiling of their own, twice what the checkouts bring, and no other limit but everybody's", () => {
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
  // Neither Bot Control, nor the fingerprint, nor the token of the page asks anything of a program's write.
  for (const name of ["BotControl", "WritesPerFingerprint", "WritesWithoutVisit", "WritesNeedToken"]) {
    expect(JSON.stringify(rule(name).Statement), name).toContain("/v1/payments/webhook")
  }
})

test("a TLS fingerprint within one network is a key of its own, and names suspects rather than refusing a crowd", () => {
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

test("a shopper's write without the cookie of the page's challenge is named, not refused", () => {
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

test("the origin reads exactly what the edge writes: inserted headers and those that CloudFront adds where units are asked for", () => {
  const inserted = rulesOf().flatMap(({ Action }) => {
    const count = Action?.Count as { CustomRequestHandling?: { InsertHeaders: { Name: string }[] } } | undefined
    return count?.CustomRequestHandling?.InsertHeaders.map(({ Name }) => `${wafHeaderPrefix}${Name}`) ?? []
  })
  const policies = propertiesOf<{
    CachePolicyConfig: {
      Name: string
      MaxTTL: number
      MinTTL: number
      ParametersInCacheKeyAndForwardedToOrigin: { HeadersConfig: { Headers?: string[] } }
    }
  }>(edge, "AWS::CloudFront::CachePolicy").map(({ CachePolicyConfig }) => CachePolicyConfig)
  const fingerprint = policies.find(({ Name }) => Name === "flash-sale-prod-fingerprint")
  const added = fingerprint?.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.Headers ?? []
  expect(new Set([...inserted, ...added])).toEqual(new Set(Object.values(clientHeaders)))
  expect(fingerprint).toMatchObject({ MinTTL: 0, MaxTTL: 1 })
  const order = distribution.CacheBehaviors.map(({ PathPattern }) => PathPattern)
  expect(order.indexOf("/v1/reservations")).toBeLessThan(order.indexOf("/v1/*"))
  expect(behavior("/v1/reservations")?.CachePolicyId).toMatchObject({ Ref: expect.stringContaining("FingerprintCache") })
  expect(behavior("/v1/reservations")).toMatchObject({ OriginRequestPolicyId: behavior("/v1/*")?.OriginRequestPolicyId })
})

test("addresses of ill repute are refused", () => {
  expect(rule("BadAddresses")).toMatchObject({
    Statement: { ManagedRuleGroupStatement: { Name: "AWSManagedRulesAmazonIpReputationList" } },
    OverrideAction: { None: {} },
  })
})

test("Bot Control looks at the page and at shoppers' writes, and answers none of them with a puzzle", () => {
  const { Statement } = rule("BotControl")
  const group = Statement.ManagedRuleGroupStatement as {
    RuleActionOverrides: { Name: string; ActionToUse: object }[]
    ManagedRuleGroupConfigs: object[]
  }
  expect(group.ManagedRuleGroupConfigs).toMatchObject([{ AWSManagedRulesBotControlRuleSet: { InspectionLevel: "TARGETED" } }])
  for (const { ActionToUse } of group.RuleActionOverrides) expect(ActionToUse).toEqual({ Count: {} })
  // The rules of the group whose own action is Challenge or Captcha.
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

test("the page is challenged and no API call is; a write without the page's token gets 403", () => {
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

test("programs that cannot solve a challenge are not asked for its token", () => {
  const statement = JSON.stringify(rule("WritesNeedToken"))
  for (const path of ["/v1/reservations/batch", "/v1/admin/", "/v1/payments/webhook"]) expect(statement).toContain(path)
})

test("what the edge refuses is a problem of the closed list, with its title and status", () => {
  for (const { type, title, status } of Object.values(edgeAnswers)) {
    const problem = Object.entries(problems).find(([slug]) => type === `/problems/${slug}`)?.[1]
    expect(problem, type).toMatchObject(status === 403 ? { status } : { title, status })
  }
})

test("a small stage has no Bot Control, whose price is per request", () => {
  expect(rulesOf(edgeTemplate(stages.dev)).map(({ Name }) => Name)).not.toContain("BotControl")
})

test("what the firewall refuses is logged, without tokens and receipts", () => {
  edge.hasResourceProperties("AWS::WAFv2::LoggingConfiguration", {
    RedactedFields: [{ SingleHeader: { Name: "authorization" } }, { QueryString: {} }],
    LoggingFilter: { Filters: [{ Behavior: "KEEP", Conditions: [{ ActionCondition: { Action: "BLOCK" } }] }] },
  })
})

test.each([
  ["stock", "/v1/skus/*", "stock", { QueryStringBehavior: "none" }],
  ["the catalogue", "/v1/skus", "catalogue", { QueryStringBehavior: "whitelist", QueryStrings: ["limit", "cursor"] }],
])("%s is cached as the origin says, and long enough for its stale answers, for everyone alike", (_, path, name, query) => {
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
})

test("everything else of the API passes uncached, with WAF's labels; the narrower paths come first", () => {
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

test("CloudFront proves itself to the API with the secret, over TLS 1.2, and waits 10 s for a connection", () => {
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

test("the name and its certificate come with the domain; without one, neither", () => {
  edge.hasResourceProperties("AWS::CertificateManager::Certificate", { DomainName: domain.siteName })
  edge.resourceCountIs("AWS::Route53::RecordSet", 2)
  const nameless = edgeTemplate(stages.dev)
  nameless.resourceCountIs("AWS::CertificateManager::Certificate", 0)
  nameless.resourceCountIs("AWS::Route53::RecordSet", 0)
  nameless.hasParameter("ApiHost", { Type: "String" })
})

test("Shield Advanced, whose subscription is an account's, is there when switched on", () => {
  edge.resourceCountIs("AWS::Shield::Protection", shop.edge.shieldAdvanced ? 1 : 0)
  edgeTemplate({ ...shop, edge: { ...shop.edge, shieldAdvanced: true } }).resourceCountIs("AWS::Shield::Protection", 1)
})
