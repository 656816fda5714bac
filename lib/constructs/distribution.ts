import { Duration, SecretValue, Validations } from "aws-cdk-lib"
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager"
import * as cloudfront from "aws-cdk-lib/aws-cloudfront"
import * as origins from "aws-cdk-lib/aws-cloudfront-origins"
import type { IBucket } from "aws-cdk-lib/aws-s3"
import { Construct } from "constructs"
import { originSecretHeader } from "../../core/contracts/environment.ts"
import { hashedFiles } from "../../core/contracts/http/page.ts"
import type { StageConfig } from "../config.ts"
import { PageBehaviors } from "./page-behaviors.ts"
import { reservationHeaders } from "./passed-headers.ts"
import { sharedSecretName } from "./secrets.ts"
import { SiteHost } from "./site-host.ts"
import type { Storefront } from "./storefront.ts"

/** Raise it to rotate the origin secret (docs/DEPLOY.md): the distribution then reads the secret again. */
const originSecretGeneration = 1

/**
 * The statuses that CloudFront keeps for ten seconds by itself (404, 414, 5xx), or for as long as the origin says (400, 403,
 * 405); see its guide, "HTTP 4xx and 5xx status codes that CloudFront caches". It takes no entry for 412 and 415, which it keeps
 * only if the origin says so.
 */
const keptErrors = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504] as const

/** The API answers within 29 s. CloudFront gives up a connection that takes longer than this. */
const connectTimeout = Duration.seconds(10)
const answerTimeout = Duration.seconds(30)

/**
 * How long an answer about stock may stay at the edge, as its Cache-Control says: it is fresh for a second, and for five more
 * seconds it may be shown while a new one is fetched. CloudFront keeps nothing beyond its maximum; a maximum of one second would
 * leave no stale answer.
 */
const stockSeconds = 1 + 5

export interface SaleDistributionProps {
  readonly stage: StageConfig
  readonly apiHost: string
  readonly webAclArn: string
  readonly storefront: Storefront
  readonly certificate?: ICertificate
}

/** The public entry point: the page from its bucket, stock from a cache of one second, everything else from the API. */
export class SaleDistribution extends Construct {
  readonly distribution: cloudfront.Distribution

  constructor(scope: Construct, id: string, props: SaleDistributionProps) {
    super(scope, id)
    const { stage, storefront, certificate } = props
    this.#acknowledge(stage)
    const api = this.#api(props)
    const securityHeaders = apiSecurityHeaders()
    const headers = new cloudfront.ResponseHeadersPolicy(this, "SecurityHeaders", {
      responseHeadersPolicyName: `flash-sale-${stage.name}`,
      securityHeadersBehavior: securityHeaders,
    })
    const page = new PageBehaviors(this, "Page", { stage, securityHeaders })
    const bucket = origins.S3BucketOrigin.withOriginAccessControl(storefront.bucket as IBucket)
    const everywhere = {
      compress: true,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    }
    const shared = {
      ...everywhere,
      responseHeadersPolicy: headers,
    }
    const cached = (name: string, seconds: number, query?: cloudfront.CacheQueryStringBehavior) => ({
      ...shared,
      origin: api,
      cachePolicy: this.#cache(stage, name, seconds, query),
    })
    const everySecond = cached("Stock", stockSeconds)
    const pages = cached("Catalogue", stockSeconds, cloudfront.CacheQueryStringBehavior.allowList("limit", "cursor"))
    const documents = cached("Documents", 300)
    const passing = {
      ...shared,
      origin: api,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      // Passes WAF's labels, which are headers, and not Host, by which API Gateway finds the API.
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    }
    const siteHost = stage.domain ? {} : { functionAssociations: [new SiteHost(this, "SiteHost", { stage }).association] }
    this.distribution = new cloudfront.Distribution(this, "Distribution", {
      comment: `flash-sale ${stage.name} (origin secret ${originSecretGeneration})`,
      defaultRootObject: "index.html",
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      webAclId: props.webAclArn,
      enableLogging: true,
      logBucket: storefront.accessLogs as IBucket,
      logFilePrefix: "edge/",
      // An error is over when its cause is: no edge may go on showing it. The answers themselves stay the API's own.
      errorResponses: keptErrors.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      // Without a certificate of ours CloudFront sets the policy.
      ...(certificate &&
        stage.domain && {
          certificate,
          domainNames: [stage.domain.siteName],
          minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
      defaultBehavior: { ...everywhere, origin: bucket, ...page.entrances },
      additionalBehaviors: {
        [`${hashedFiles}*`]: { ...everywhere, origin: bucket, ...page.hashed },
        "/v1/skus": pages,
        "/v1/skus/*": everySecond,
        "/openapi.json": documents,
        "/schemas/*": documents,
        "/.well-known/receipt-keys.json": documents,
        "/v1/reservations": { ...passing, ...this.#reservation(stage) },
        "/v1/*": { ...passing, ...siteHost, cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED },
      },
    })
  }

  #acknowledge({ domain }: StageConfig): void {
    const acknowledge = (id: string, reason: string) => Validations.of(this).acknowledge({ id, reason })
    acknowledge(
      "AwsSolutions-CFR1",
      "The sale is open to the world; where it is not, the countries are a decision of the shop, not of the code.",
    )
    if (domain) return
    acknowledge(
      "AwsSolutions-CFR4",
      "Without a domain there is no certificate, and CloudFront's own name fixes its protocols by itself.",
    )
  }

  #api({ stage, apiHost }: SaleDistributionProps): cloudfront.IOrigin {
    return new origins.HttpOrigin(apiHost, {
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
      connectionTimeout: connectTimeout,
      connectionAttempts: 2,
      readTimeout: answerTimeout,
      keepaliveTimeout: Duration.seconds(60),
      customHeaders: {
        [originSecretHeader]: SecretValue.secretsManager(sharedSecretName(stage, "ORIGIN_SECRET")).unsafeUnwrap(),
      },
    })
  }

  /**
   * The origin's headers say how long an answer is fresh, and how long a stale one may be shown during a fetch. `seconds` is the
   * maximum of both together. CloudFront sends one request per edge to the origin at a time.
   */
  #cache(
    stage: StageConfig,
    name: string,
    seconds: number,
    queryStringBehavior = cloudfront.CacheQueryStringBehavior.none(),
  ): cloudfront.CachePolicy {
    return new cloudfront.CachePolicy(this, `${name}Cache`, {
      cachePolicyName: `flash-sale-${stage.name}-${name.toLowerCase()}`,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(seconds),
      // The answer is the same for everyone: headers and cookies of a shopper must not split the cache.
      headerBehavior: cloudfront.CacheHeaderBehavior.none(),
      queryStringBehavior,
      cookieBehavior: cloudfront.CacheCookieBehavior.none(),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    })
  }

  /** What CloudFront passes on of `POST /v1/reservations`: the client's fingerprint and address, and what the API reads. */
  #reservation(stage: StageConfig): Pick<cloudfront.BehaviorOptions, "cachePolicy" | "originRequestPolicy"> {
    return {
      cachePolicy: new cloudfront.CachePolicy(this, "ReservationCache", {
        cachePolicyName: `flash-sale-${stage.name}-reservation`,
        defaultTtl: Duration.seconds(0),
        // A policy with 0 may have no headers.
        maxTtl: Duration.seconds(1),
        headerBehavior: cloudfront.CacheHeaderBehavior.allowList(...reservationHeaders.key),
      }),
      originRequestPolicy: new cloudfront.OriginRequestPolicy(this, "ReservationRequest", {
        originRequestPolicyName: `flash-sale-${stage.name}-reservation`,
        headerBehavior: cloudfront.OriginRequestHeaderBehavior.allowList(...reservationHeaders.passed),
        queryStringBehavior: cloudfront.OriginRequestQueryStringBehavior.all(),
      }),
    }
  }
}

/** For the answers of the API, which are no pages. The page has a policy of its own (page-behaviors.ts). */
function apiSecurityHeaders(): cloudfront.ResponseSecurityHeadersBehavior {
  const override = true
  return {
    strictTransportSecurity: {
      accessControlMaxAge: Duration.days(730),
      includeSubdomains: true,
      preload: true,
      override,
    },
    contentTypeOptions: { override },
    frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override },
    referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override },
    contentSecurityPolicy: {
      contentSecurityPolicy:
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
      override,
    },
  }
}
