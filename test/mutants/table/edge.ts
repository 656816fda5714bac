import { type BrokenPromise, inFile } from "../mutant.ts"

const edgeStack = inFile("lib/stacks/edge.ts", "edge")
const sale = inFile("lib/flash-sale.ts", "templates")
const distribution = inFile("lib/constructs/distribution.ts", "edge")
const api = inFile("lib/constructs/http-api.ts", "app")
const functions = inFile("lib/constructs/sale-functions.ts", "app")
const shoppers = inFile("lib/constructs/shoppers.ts", "identity")
const stageRules = inFile("lib/guardrails/stage.ts", "guardrails")
const claims = inFile("lib/constructs/token-claims.ts", "identity")
const secrets = inFile("lib/constructs/secrets.ts", "data")
const pageFiles = inFile("lib/constructs/page-deployment.ts", "page")
const pageBehaviors = inFile("lib/constructs/page-behaviors.ts", "page")
const pageOrigins = inFile("lib/constructs/page-origins.ts", "page")
const storefront = inFile("lib/constructs/storefront.ts", "edge")

/** CloudFront, the API behind it, and the tokens that both accept. */
export const edgeMutants: readonly BrokenPromise[] = [
  {
    promise: "the edge is in us-east-1",
    mutants: [
      { ...edgeStack, name: "any region is accepted", replace: "this.region !== edgeRegion", with: 'this.region === ""' },
      { ...sale, name: "in the stage's region", replace: "{ env: { region: edgeRegion,", with: "{ env: { region," },
    ],
  },
  {
    promise: "a name with a certificate",
    mutants: [
      { ...edgeStack, name: "the certificate is not used", replace: "      ...(certificate && { certificate }),\n", with: "" },
      {
        ...distribution,
        name: "TLS 1.0 for browsers",
        replace: "SecurityPolicyProtocol.TLS_V1_2_2021",
        with: "SecurityPolicyProtocol.TLS_V1",
      },
      {
        ...edgeStack,
        name: "no IPv6 record",
        replace: "    new AaaaRecord(this,",
        with: "    if (zone.zoneName === '') new AaaaRecord(this,",
      },
      {
        ...api,
        name: "TLS 1.0 for CloudFront",
        replace: "apigateway.SecurityPolicy.TLS_1_2",
        with: "apigateway.SecurityPolicy.TLS_1_0",
      },
    ],
  },
  {
    promise: "a name with a certificate",
    mutants: [
      { ...stageRules, name: "prod needs no name", replace: 'name === "prod" && domain === undefined', with: "false" },
      {
        ...stageRules,
        name: "prod needs no sender",
        replace: 'name === "prod" && domain !== undefined && domain.senderAddress === undefined',
        with: "false",
      },
    ],
  },
  {
    promise: "the API has one entry point",
    mutants: [
      {
        ...api,
        name: "the generated endpoint stays open",
        replace: "disableExecuteApiEndpoint: domain !== undefined",
        with: "disableExecuteApiEndpoint: false",
      },
      {
        ...api,
        name: "the name is not mapped to the API",
        replace: "      ...(domain && { domainMapping: { domainName: domain } }),\n",
        with: "",
      },
      {
        ...distribution,
        name: "CloudFront calls the API over HTTP",
        replace: "OriginProtocolPolicy.HTTPS_ONLY",
        with: "OriginProtocolPolicy.HTTP_ONLY",
      },
      {
        ...distribution,
        name: "CloudFront accepts TLS 1.0",
        replace: "OriginSslPolicy.TLS_V1_2",
        with: "OriginSslPolicy.TLS_V1",
      },
      {
        ...distribution,
        name: "the connect timeout is short",
        replace: "connectTimeout = Duration.seconds(10)",
        with: "connectTimeout = Duration.seconds(5)",
      },
    ],
  },
  {
    promise: "the origin secret is checked",
    mutants: [
      {
        ...functions,
        name: "one function does not check it",
        replace: "if (serving.has(name)) data",
        with: 'if (serving.has(name) && name !== "health") data',
      },
      {
        ...distribution,
        name: "CloudFront does not send it",
        replace: "[originSecretHeader]: SecretValue",
        with: '"x-other": SecretValue',
      },
      {
        ...secrets,
        name: "the edge cannot read it",
        replace: "replicaRegions: [{ region: edgeRegion }]",
        with: "replicaRegions: []",
      },
    ],
  },
  {
    promise: "tokens are verified in code",
    mutants: [
      {
        ...api,
        name: "API Gateway refuses with its own body",
        replace: "      createDefaultStage: false,\n",
        with: [
          "      createDefaultStage: false,",
          '      defaultAuthorizer: { bind: () => ({ authorizationType: "AWS_IAM" }) },',
          "",
        ],
      },
      {
        ...functions,
        name: "functions with scopes have no issuer",
        replace: 'access !== "anyone"',
        with: 'access === "shopper"',
      },
      { ...shoppers, name: "shoppers' tokens are refused", replace: "this.#clients = [storefront, ", with: "this.#clients = [" },
      {
        ...shoppers,
        name: "keys of another pool",
        replace: "`${issuer}/.well-known/jwks.json`",
        with: '"https://example.com/jwks.json"',
      },
    ],
  },
  {
    promise: "every route leads to its function",
    mutants: [
      {
        ...api,
        name: "no $default route",
        replace: "apigateway.HttpRouteKey.DEFAULT",
        with: 'apigateway.HttpRouteKey.with("/nothing")',
      },
      {
        ...api,
        name: "another function answers $default",
        replace: "integration: integrationOf(defaultLambda)",
        with: 'integration: integrationOf("health")',
      },
      {
        ...api,
        name: "one function serves all",
        replace: "integration: integrationOf(lambda) })",
        with: 'integration: integrationOf(lambda === "orders" ? "health" : lambda) })',
      },
    ],
  },
  {
    promise: "stock is cached for a second",
    mutants: [
      { ...distribution, name: "cached for a minute", replace: 'cached("Stock", stockSeconds)', with: 'cached("Stock", 60)' },
      {
        ...distribution,
        name: "cached for at least a second, against the origin's headers",
        replace: "minTtl: Duration.seconds(0)",
        with: "minTtl: Duration.seconds(1)",
      },
      { ...distribution, name: "cached by cookie", replace: "CacheCookieBehavior.none()", with: "CacheCookieBehavior.all()" },
      {
        ...distribution,
        name: "cached by query",
        replace: "CacheQueryStringBehavior.none()",
        with: "CacheQueryStringBehavior.all()",
      },
      {
        ...distribution,
        name: "a shopper's own answers are cached",
        replace: "cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED",
        with: "cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED",
      },
      { ...distribution, name: "the list of SKUs is not cached", replace: '        "/v1/skus": pages,\n', with: "" },
    ],
  },
  {
    promise: "no error stays at the edge",
    mutants: [
      {
        ...distribution,
        killedBy: "passed-headers",
        name: "errors stay for ten seconds",
        replace: "({ httpStatus, ttl: Duration.seconds(0) })",
        with: "({ httpStatus, ttl: Duration.seconds(10) })",
      },
      {
        ...distribution,
        killedBy: "passed-headers",
        name: "one status stays",
        replace: "keptErrors = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504]",
        with: "keptErrors = [400, 403, 404, 405, 414, 500, 501, 502, 504]",
      },
    ],
  },
  {
    promise: "a stage without a domain works by CloudFront's name",
    mutants: [
      {
        ...distribution,
        killedBy: "app",
        name: "the API does not learn the name",
        replace: "...passing, ...siteHost, cachePolicy",
        with: "...passing, cachePolicy",
      },
      {
        ...api,
        name: "the edge cannot find the API",
        replace: "    if (stage.domain === undefined) {\n      new StringParameter",
        with: "    if (stage.domain !== undefined) {\n      new StringParameter",
      },
      {
        ...edgeStack,
        name: "the edge asks for another API",
        replace: "name: apiHostParameterName(stage)",
        with: 'name: "/flash-sale/other/api-host"',
      },
    ],
  },
  {
    promise: "codes are sent by the shop's own sender",
    mutants: [
      {
        ...shoppers,
        name: "an identity that SES does not know",
        replace: '    sesVerifiedDomain: sender.slice(sender.lastIndexOf("@") + 1),\n',
        with: "",
      },
      {
        ...shoppers,
        name: "Cognito sends 50 codes a day",
        replace: "...(sender !== undefined && { email: codesFrom(sender, stage) }),",
        with: "",
      },
    ],
  },
  {
    promise: "tokens say when their account was made",
    mutants: [
      {
        ...claims,
        name: "the event's first version, which cannot change access tokens",
        replace: "LambdaVersion.V2_0",
        with: "LambdaVersion.V1_0",
      },
      {
        ...claims,
        name: "the moment is never noted",
        replace: "    pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, trigger as IFunction)\n",
        with: "",
      },
      {
        ...claims,
        name: "the trigger may not note it",
        replace: "cognito-idp:AdminUpdateUserAttributes",
        with: "cognito-idp:AdminGetUser",
      },
      {
        ...shoppers,
        name: "a shopper may write it",
        replace: "{ email: true, locale: true, timezone: true })",
        with: "{ email: true, locale: true, timezone: true }).withCustomAttributes(accountCreatedAttribute)",
      },
    ],
  },
  {
    promise: "answers are compressed, with security headers",
    mutants: [
      { ...distribution, name: "uncompressed", replace: "compress: true", with: "compress: false" },
      {
        ...distribution,
        name: "no Brotli",
        replace: "enableAcceptEncodingBrotli: true",
        with: "enableAcceptEncodingBrotli: false",
      },
      {
        ...distribution,
        name: "plain HTTP",
        replace: "ViewerProtocolPolicy.REDIRECT_TO_HTTPS",
        with: "ViewerProtocolPolicy.ALLOW_ALL",
      },
      { ...distribution, name: "no headers", replace: "      responseHeadersPolicy: headers,\n", with: "" },
      {
        ...distribution,
        name: "other sites may frame the page",
        replace: "HeadersFrameOption.DENY",
        with: "HeadersFrameOption.SAMEORIGIN",
      },
      {
        ...distribution,
        name: "no HSTS",
        replace: "accessControlMaxAge: Duration.days(730)",
        with: "accessControlMaxAge: Duration.days(0)",
      },
      {
        ...distribution,
        name: "scripts from any origin",
        replace: "default-src 'self'; img-src",
        with: "default-src *; img-src",
      },
      {
        ...distribution,
        name: "the referrer is sent",
        replace: "HeadersReferrerPolicy.NO_REFERRER",
        with: "HeadersReferrerPolicy.UNSAFE_URL",
      },
    ],
  },
  {
    promise: "answers are compressed, with security headers",
    mutants: [
      {
        ...pageBehaviors,
        name: "the page has the policy of the API",
        replace: "contentSecurityPolicy: { contentSecurityPolicy: pageSecurityPolicy(pageOriginsOf(stage)), override },",
        with: "",
      },
      {
        ...pageOrigins,
        name: "scripts of any host of the payment provider",
        replace: 'script: ["https://js.stripe.com", ',
        with: 'script: ["https://*.stripe.com", ',
      },
    ],
  },
  {
    promise: "the page's bucket is closed",
    mutants: [
      { ...pageFiles, name: "files of older builds are deleted", replace: "prune: false", with: "prune: true" },
      {
        ...pageFiles,
        name: "the entrances come before the files that they name",
        replace: "entrances.node.addDependency(first)",
        with: "first.node.addDependency(entrances)",
      },
      {
        ...pageBehaviors,
        name: "deep links are files of the bucket",
        replace: 'functionAssociations: [new PageEntrance(this, "Entrance", { stage }).association]',
        with: "functionAssociations: []",
      },
      {
        ...distribution,
        name: "no origin access control",
        replace: "S3BucketOrigin.withOriginAccessControl",
        with: "S3BucketOrigin.withBucketDefaults",
      },
      {
        ...storefront,
        name: "the bucket may be made public",
        replace: "s3.BlockPublicAccess.BLOCK_ALL",
        with: "s3.BlockPublicAccess.BLOCK_ACLS_ONLY",
      },
      { ...storefront, name: "plain HTTP", replace: "enforceSSL: true", with: "enforceSSL: false" },
    ],
  },
  {
    promise: "requests are logged and traced",
    mutants: [
      {
        ...distribution,
        name: "no log of the edge",
        replace: [
          "      enableLogging: true,",
          "      logBucket: storefront.accessLogs as IBucket,",
          '      logFilePrefix: "edge/",',
          "",
        ],
        with: "",
      },
      { ...api, name: "no log of the API", replace: "resource.accessLogSettings = {", with: "const _unused = {" },
      {
        ...api,
        name: "the log holds addresses",
        replace: 'route: "$context.routeKey"',
        with: 'route: "$context.identity.sourceIp"',
      },
    ],
  },
]
