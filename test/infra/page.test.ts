import { Match } from "aws-cdk-lib/assertions"
import { describe, expect, test } from "vitest"
import { isPageEntrance, pageEntrances, pageSecurityPolicy } from "../../core/contracts/http/page.ts"
import { entranceCode } from "../../lib/constructs/page-entrance.ts"
import { pageOriginsOf } from "../../lib/constructs/page-origins.ts"
import { stages } from "../../lib/stages.ts"
import { edgeTemplate, propertiesOf, shop } from "./app-stack.ts"

const edge = edgeTemplate(shop)

interface Rule {
  Name: string
  Priority: number
  Action?: unknown
  RuleLabels?: { Name: string }[]
  Statement: { RateBasedStatement?: object }
}
const acl = propertiesOf<{ Rules: Rule[]; CustomResponseBodies: Record<string, { ContentType: string; Content: string }> }>(
  edge,
  "AWS::WAFv2::WebACL",
)[0]
const rule = (name: string): Rule => {
  const found = acl?.Rules.find(({ Name }) => Name === name)
  if (found === undefined) throw new Error(`There is no rule ${name}`)
  return found
}

describe("what the edge shows at an entrance", () => {
  /** Runs the code that CloudFront runs, with a key-value store that holds these values. */
  async function shownAt(uri: string, switched: Readonly<Record<string, string>> = {}): Promise<string> {
    const handlerOf = new Function("cf", `${entranceCode.replace(/^import .*\n/, "")}\nreturn handler`)
    const get = async (key: string) => {
      const value = switched[key]
      if (value === undefined) throw new Error("KeyNotFound")
      return value
    }
    const handler = handlerOf({ kvs: () => ({ get }) }) as (event: object) => Promise<{ uri: string }>
    return (await handler({ request: { uri, method: "GET" } })).uri
  }
  const deepLinks = ["/", "/index.html", "/orders", "/sale/sku-001", "/sale/a/b"]
  const others = ["/icon.svg", "/config.json", "/paused.html", "/sale", "/orders/1", "/saleable/x", "/.well-known/x"]

  test.each(deepLinks)("%s shows the page", async (uri) => {
    expect(isPageEntrance(uri)).toBe(true)
    expect(await shownAt(uri)).toBe("/index.html")
  })

  test.each(others)("%s is the file of this name", async (uri) => {
    expect(isPageEntrance(uri)).toBe(false)
    expect(await shownAt(uri, { entrance: "paused" })).toBe(uri)
  })

  test("an operator switches every entrance to another page, and only to a page of the build", async () => {
    for (const uri of deepLinks) {
      expect(await shownAt(uri, { entrance: "paused" })).toBe("/paused.html")
      expect(await shownAt(uri, { entrance: "busy" })).toBe("/busy.html")
      expect(await shownAt(uri, { entrance: "../secret" })).toBe("/index.html")
    }
  })

  test("operators with a second factor may use the switch, and nothing else of CloudFront", () => {
    const [store] = Object.keys(edge.findResources("AWS::CloudFront::KeyValueStore"))
    const actions = ["DescribeKeyValueStore", "GetKey", "ListKeys", "PutKey", "DeleteKey"]
    edge.resourceCountIs("AWS::IAM::ManagedPolicy", 1)
    edge.hasResourceProperties("AWS::IAM::ManagedPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: [
          {
            Effect: "Allow",
            Action: actions.map((action) => `cloudfront-keyvaluestore:${action}`),
            Resource: { "Fn::GetAtt": [store, "Arn"] },
            Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
          },
        ],
      }),
    })
  })

  test("the code runs for pages only: no path of the API passes it, and no error response replaces an answer of the API", () => {
    edge.hasResourceProperties("AWS::CloudFront::Function", {
      FunctionCode: entranceCode,
      FunctionConfig: Match.objectLike({ Runtime: "cloudfront-js-2.0", KeyValueStoreAssociations: Match.anyValue() }),
    })
    const [{ DistributionConfig }] = propertiesOf<{
      DistributionConfig: {
        DefaultCacheBehavior: { FunctionAssociations: object[] }
        CacheBehaviors: { PathPattern: string; FunctionAssociations?: object[] }[]
        CustomErrorResponses: { ResponsePagePath?: string }[]
      }
    }>(edge, "AWS::CloudFront::Distribution") as [never]
    expect(DistributionConfig).toMatchObject({
      DefaultCacheBehavior: { FunctionAssociations: [{ EventType: "viewer-request" }] },
    })
    const { CacheBehaviors, CustomErrorResponses } = DistributionConfig as {
      CacheBehaviors: { FunctionAssociations?: object[] }[]
      CustomErrorResponses: object[]
    }
    for (const error of CustomErrorResponses) expect(error).not.toHaveProperty("ResponsePagePath")
    for (const behaviour of CacheBehaviors) expect(behaviour.FunctionAssociations).toBeUndefined()
  })
})

describe("the token that a write needs", () => {
  test("every entrance is challenged, deep links too", () => {
    const statement = JSON.stringify(rule("PageIsChallenged").Statement)
    const matched = [...statement.matchAll(/"PositionalConstraint":"(\w+)","SearchString":"(\/[^"]*)"/g)].map(
      ([, constraint, path]) => (constraint === "STARTS_WITH" ? `${path}*` : path),
    )
    expect(matched.toSorted()).toEqual([...pageEntrances].toSorted())
    expect(JSON.stringify(rule("BotControl"))).toContain('"SearchString":"/sale/"')
  })

  test("is renewed by the script whose address the deployment asks WAF for", () => {
    const asked = JSON.stringify(propertiesOf(edge, "Custom::AWS"))
    expect(asked).toContain("getWebACL")
    expect(asked).toContain("ApplicationIntegrationURL")
    edge.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: Match.objectLike({
        Statement: [
          { Action: "wafv2:GetWebACL", Effect: "Allow", Resource: { "Fn::GetAtt": [Match.stringLikeRegexp("Acl"), "Arn"] } },
        ],
      }),
    })
    expect(JSON.stringify(propertiesOf(edgeTemplate(stages.dev), "Custom::AWS"))).not.toContain("getWebACL")
  })
})

describe("too many people", () => {
  test("see a page where they load one, with the status and the limit that everything else has", () => {
    expect(rule("NoteReadsPerAddress").Statement).toEqual(rule("ReadsPerAddress").Statement)
    expect(rule("NoteReadCeiling").Statement).toEqual(rule("ReadCeiling").Statement)
    for (const [note, shows, status] of [
      ["NoteReadsPerAddress", "PagePerAddress", 429],
      ["NoteReadCeiling", "PageCeiling", 503],
    ] as const) {
      expect(rule(note).Action).toEqual({ Count: {} })
      const [label] = rule(note).RuleLabels ?? []
      expect(rule(shows)).toMatchObject({
        Action: { Block: { CustomResponse: { ResponseCode: status, CustomResponseBodyKey: "busy-page" } } },
        Statement: {
          AndStatement: {
            Statements: [
              { AndStatement: { Statements: [{ ByteMatchStatement: { SearchString: "GET" } }, { OrStatement: {} }] } },
              { LabelMatchStatement: { Scope: "LABEL", Key: label?.Name } },
            ],
          },
        },
      })
      expect(rule(note).Priority).toBeLessThan(rule(shows).Priority)
    }
    expect(rule("PagePerAddress").Priority).toBeLessThan(rule("ReadsPerAddress").Priority)
  })

  test("get a page that needs no API and no script, within WAF's 4 kB", () => {
    const page = acl?.CustomResponseBodies["busy-page"]
    expect(page?.ContentType).toBe("TEXT_HTML")
    expect(Buffer.byteLength(page?.Content ?? "")).toBeLessThanOrEqual(4_096)
    expect(page?.Content).toMatch(/<h1>[^<]+<\/h1>/)
    expect(page?.Content).not.toContain("<script")
  })
})

describe("the policy of the page", () => {
  const policyOf = (template = edge) => {
    const policies = propertiesOf<{
      ResponseHeadersPolicyConfig: { Name: string; SecurityHeadersConfig: Record<string, Record<string, unknown>> }
    }>(template, "AWS::CloudFront::ResponseHeadersPolicy").map(({ ResponseHeadersPolicyConfig }) => ResponseHeadersPolicyConfig)
    return policies.find(({ Name }) => Name.endsWith("-page"))
  }

  test("names each origin of the stage, and nothing inline", () => {
    const policy = policyOf()?.SecurityHeadersConfig.ContentSecurityPolicy?.ContentSecurityPolicy
    expect(policy).toBe(
      [
        "default-src 'none'",
        "script-src 'self' https://js.stripe.com https://*.js.stripe.com https://*.awswaf.com",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "connect-src 'self' https://cognito-idp.eu-central-1.amazonaws.com https://api.stripe.com https://*.awswaf.com",
        "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
    )
  })

  test("of a stage without the challenge does not allow its script", () => {
    const policy = String(policyOf(edgeTemplate(stages.dev))?.SecurityHeadersConfig.ContentSecurityPolicy?.ContentSecurityPolicy)
    expect(policy).toBe(pageSecurityPolicy(pageOriginsOf(stages.dev)))
    expect(policy).not.toContain("awswaf.com")
  })

  test("belongs to entrances and hashed files, and has the security headers of the API, too", () => {
    const [id] = Object.entries(edge.findResources("AWS::CloudFront::ResponseHeadersPolicy")).flatMap(([key, { Properties }]) =>
      Properties.ResponseHeadersPolicyConfig.Name.endsWith("-page") ? [key] : [],
    )
    edge.hasResourceProperties("AWS::CloudFront::Distribution", {
      DistributionConfig: Match.objectLike({
        DefaultCacheBehavior: Match.objectLike({ ResponseHeadersPolicyId: { Ref: id } }),
        CacheBehaviors: Match.arrayWith([Match.objectLike({ PathPattern: "/assets/*", ResponseHeadersPolicyId: { Ref: id } })]),
      }),
    })
    expect(policyOf()?.SecurityHeadersConfig).toMatchObject({
      StrictTransportSecurity: { AccessControlMaxAgeSec: 2 * 365 * 24 * 3_600 },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: "DENY" },
      ReferrerPolicy: { ReferrerPolicy: "strict-origin-when-cross-origin" },
    })
  })
})

describe("the files of the page", () => {
  interface Deployment {
    DestinationBucketName: unknown
    Prune: boolean
    Exclude?: string[]
    Include?: string[]
    SystemMetadata: Record<string, string>
    SourceObjectKeys: unknown[]
  }
  const deployments = Object.entries(edge.findResources("Custom::CDKBucketDeployment")) as [
    string,
    { Properties: Deployment; DependsOn?: string[] },
  ][]
  const withHash = deployments.find(([, { Properties }]) => Properties.Include?.includes("assets/*"))
  const others = deployments.find(([, { Properties }]) => Properties.Exclude?.includes("assets/*"))

  test("with a hash in their name are immutable; the entrances, which name them, come after them and are asked for each time", () => {
    expect(deployments).toHaveLength(2)
    expect(withHash?.[1].Properties).toMatchObject({
      Exclude: ["*"],
      SystemMetadata: { "cache-control": "public, max-age=31536000, immutable" },
    })
    expect(others?.[1].Properties).toMatchObject({ SystemMetadata: { "cache-control": "no-cache" } })
    expect(others?.[1].DependsOn?.join()).toContain("Hashed")
  })

  test("of the builds before stay, for pages that are open during a deployment", () => {
    for (const [, { Properties }] of deployments) expect(Properties.Prune).toBe(false)
  })

  test("are kept by an edge for a second at most, so that S3 is asked once, and by cookie, query or header never", () => {
    edge.hasResourceProperties("AWS::CloudFront::CachePolicy", {
      CachePolicyConfig: {
        Name: "flash-sale-prod-page",
        MinTTL: 1,
        DefaultTTL: 1,
        MaxTTL: 1,
        ParametersInCacheKeyAndForwardedToOrigin: Match.objectLike({
          HeadersConfig: { HeaderBehavior: "none" },
          QueryStringsConfig: { QueryStringBehavior: "none" },
          CookiesConfig: { CookieBehavior: "none" },
        }),
      },
    })
  })

  test("include the configuration of the stage: sign-in and payment of this stage, nothing secret", () => {
    expect(others?.[1].Properties.SourceObjectKeys).toHaveLength(2)
    const asked = JSON.stringify(propertiesOf(edge, "Custom::AWS"))
    expect(asked).toContain("/flash-sale/prod/sign-in")
    expect(asked).toContain('\\"region\\":\\"eu-central-1\\"')
    edge.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: Match.objectLike({
        Statement: [
          Match.objectLike({
            Action: "ssm:GetParameter",
            Resource: { "Fn::Join": ["", Match.arrayWith([":ssm:eu-central-1:111122223333:parameter/flash-sale/prod/sign-in"])] },
          }),
        ],
      }),
    })
  })
})
