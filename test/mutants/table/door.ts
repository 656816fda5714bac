import { mutantsOf } from "../mutant.ts"

const edgeStack = mutantsOf("lib/stacks/edge.ts", "edge")
const sale = mutantsOf("lib/flash-sale.ts", "templates")
const distribution = mutantsOf("lib/constructs/distribution.ts", "edge")
const api = mutantsOf("lib/constructs/http-api.ts", "app")
const functions = mutantsOf("lib/constructs/sale-functions.ts", "app")
const shoppers = mutantsOf("lib/constructs/shoppers.ts", "identity")
const secrets = mutantsOf("lib/constructs/secrets.ts", "data")
const storefront = mutantsOf("lib/constructs/storefront.ts", "edge")

/** The edge's place, the API behind it, and who is believed. */
export const door = [
  edgeStack("the edge is in us-east-1", "any region will do", "this.region !== edgeRegion", 'this.region === ""'),
  sale("the edge is in us-east-1", "the stage's region", "{ env: { region: edgeRegion,", "{ env: { region,"),
  edgeStack("a name with a certificate", "the certificate is not used", "      ...(certificate && { certificate }),\n", ""),
  distribution("a name with a certificate", "TLS 1.0 for browsers", "SecurityPolicyProtocol.TLS_V1_2_2021", "SecurityPolicyProtocol.TLS_V1"),
  edgeStack("a name with a certificate", "no IPv6 record", "    new AaaaRecord(this,", "    if (zone.zoneName === '') new AaaaRecord(this,"),
  api("a name with a certificate", "TLS 1.0 for CloudFront", "apigateway.SecurityPolicy.TLS_1_2", "apigateway.SecurityPolicy.TLS_1_0"),

  api("the API has one door", "the generated endpoint stays open", "disableExecuteApiEndpoint: domain !== undefined", "disableExecuteApiEndpoint: false"),
  api("the API has one door", "the name leads nowhere", "      ...(domain && { domainMapping: { domainName: domain } }),\n", ""),
  distribution("the API has one door", "CloudFront asks over HTTP", "OriginProtocolPolicy.HTTPS_ONLY", "OriginProtocolPolicy.HTTP_ONLY"),
  distribution("the API has one door", "CloudFront takes TLS 1.0", "OriginSslPolicy.TLS_V1_2", "OriginSslPolicy.TLS_V1"),
  distribution("the API has one door", "slow connections are waited for", "connectTimeout = Duration.seconds(10)", "connectTimeout = Duration.seconds(5)"),

  functions("the origin secret is checked", "one function does without", "if (serving.has(name)) data", 'if (serving.has(name) && name !== "health") data'),
  distribution("the origin secret is checked", "CloudFront does not send it", "[originSecretHeader]: SecretValue", '"x-other": SecretValue'),
  secrets("the origin secret is checked", "the edge cannot read it", "replicaRegions: [{ region: edgeRegion }]", "replicaRegions: []"),

  api("tokens are verified in code", "API Gateway refuses in its own words", "      createDefaultStage: false,\n", '      createDefaultStage: false,\n      defaultAuthorizer: { bind: () => ({ authorizationType: "AWS_IAM" }) },\n'),
  functions("tokens are verified in code", "whoever needs a scope knows no issuer", 'access !== "anyone"', 'access === "shopper"'),
  shoppers("tokens are verified in code", "shoppers' tokens are refused", "this.#clients = [storefront, ", "this.#clients = ["),
  shoppers("tokens are verified in code", "another pool's keys", "`${issuer}/.well-known/jwks.json`", '"https://example.com/jwks.json"'),

  api("every route leads to its function", "no $default", "apigateway.HttpRouteKey.DEFAULT", 'apigateway.HttpRouteKey.with("/nothing")'),
  api("every route leads to its function", "$default is answered by another", "integration: integrationOf(defaultLambda)", 'integration: integrationOf("health")'),
  api("every route leads to its function", "one function serves all", "integration: integrationOf(lambda) })", 'integration: integrationOf(lambda === "orders" ? "health" : lambda) })'),

  distribution("stock is cached for a second", "for a minute", 'cached("Stock", stockSeconds)', 'cached("Stock", 60)'),
  distribution("stock is cached for a second", "at least a second, whatever the origin says", "minTtl: Duration.seconds(0)", "minTtl: Duration.seconds(1)"),
  distribution("stock is cached for a second", "for each cookie", "CacheCookieBehavior.none()", "CacheCookieBehavior.all()"),
  distribution("stock is cached for a second", "for each query", "CacheQueryStringBehavior.none()", "CacheQueryStringBehavior.all()"),
  distribution("stock is cached for a second", "a shopper's own answers are cached", "cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED", "cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED"),
  distribution("stock is cached for a second", "the list of SKUs is not", '        "/v1/skus": pages,\n', ""),

  distribution("answers are compressed, with security headers", "uncompressed", "compress: true", "compress: false"),
  distribution("answers are compressed, with security headers", "no Brotli", "enableAcceptEncodingBrotli: true", "enableAcceptEncodingBrotli: false"),
  distribution("answers are compressed, with security headers", "plain HTTP", "ViewerProtocolPolicy.REDIRECT_TO_HTTPS", "ViewerProtocolPolicy.ALLOW_ALL"),
  distribution("answers are compressed, with security headers", "no headers", "      responseHeadersPolicy: headers,\n", ""),
  distribution("answers are compressed, with security headers", "may be framed", "HeadersFrameOption.DENY", "HeadersFrameOption.SAMEORIGIN"),
  distribution("answers are compressed, with security headers", "HTTPS is not remembered", "accessControlMaxAge: Duration.days(730)", "accessControlMaxAge: Duration.days(0)"),
  distribution("answers are compressed, with security headers", "scripts from anywhere", "default-src 'self'; img-src", "default-src *; img-src"),
  distribution("answers are compressed, with security headers", "tells where shoppers come from", "HeadersReferrerPolicy.NO_REFERRER", "HeadersReferrerPolicy.UNSAFE_URL"),

  distribution("the page's bucket is closed", "no origin access control", "S3BucketOrigin.withOriginAccessControl", "S3BucketOrigin.withBucketDefaults"),
  storefront("the page's bucket is closed", "may be made public", "s3.BlockPublicAccess.BLOCK_ALL", "s3.BlockPublicAccess.BLOCK_ACLS_ONLY"),
  storefront("the page's bucket is closed", "plain HTTP", "enforceSSL: true", "enforceSSL: false"),

  distribution("requests leave a trace", "no log of the edge", '      enableLogging: true,\n      logBucket: storefront.accessLogs as IBucket,\n      logFilePrefix: "edge/",\n', ""),
  api("requests leave a trace", "no log of the API", "resource.accessLogSettings = {", "const _unused = {"),
  api("requests leave a trace", "the log holds addresses", 'route: "$context.routeKey"', 'route: "$context.identity.sourceIp"'),
]
