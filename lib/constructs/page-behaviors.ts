import { Duration } from "aws-cdk-lib"
import * as cloudfront from "aws-cdk-lib/aws-cloudfront"
import { Construct } from "constructs"
import { pagePermissions, pageSecurityPolicy } from "../../core/contracts/http/page.ts"
import type { StageConfig } from "../config.ts"
import { PageEntrance } from "./page-entrance.ts"
import { pageOriginsOf } from "./page-origins.ts"

/**
 * How long the edge keeps files whose name has no hash. The browser asks each time (`no-cache`); S3 answers 5,500 requests a
 * second at most, and the opening of a sale brings more shoppers. So each edge asks S3 once a second.
 */
const entranceSeconds = 1

type Behavior = Pick<cloudfront.BehaviorOptions, "cachePolicy" | "responseHeadersPolicy" | "functionAssociations">

/** How CloudFront serves the files of the page. The distribution adds the bucket and what all its answers share. */
export class PageBehaviors extends Construct {
  /** Entrances, and files whose name has no hash. */
  readonly entrances: Behavior
  /** Files with a hash in their name; a browser keeps them for a year, as their Cache-Control says. */
  readonly hashed: Behavior

  constructor(
    scope: Construct,
    id: string,
    {
      stage,
      securityHeaders,
    }: { readonly stage: StageConfig; readonly securityHeaders: cloudfront.ResponseSecurityHeadersBehavior },
  ) {
    super(scope, id)
    const responseHeadersPolicy = this.#headers(stage, securityHeaders)
    this.entrances = {
      responseHeadersPolicy,
      cachePolicy: new cloudfront.CachePolicy(this, "EntranceCache", {
        cachePolicyName: `flash-sale-${stage.name}-page`,
        // CloudFront keeps an answer with `no-cache` for the minimum.
        minTtl: Duration.seconds(entranceSeconds),
        defaultTtl: Duration.seconds(entranceSeconds),
        maxTtl: Duration.seconds(entranceSeconds),
        enableAcceptEncodingGzip: true,
        enableAcceptEncodingBrotli: true,
      }),
      functionAssociations: [new PageEntrance(this, "Entrance", { stage }).association],
    }
    this.hashed = { responseHeadersPolicy, cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED }
  }

  #headers(stage: StageConfig, securityHeaders: cloudfront.ResponseSecurityHeadersBehavior): cloudfront.ResponseHeadersPolicy {
    const override = true
    return new cloudfront.ResponseHeadersPolicy(this, "Headers", {
      responseHeadersPolicyName: `flash-sale-${stage.name}-page`,
      securityHeadersBehavior: {
        ...securityHeaders,
        // As core/contracts/http/page.ts says; the payment provider wants to know the shop, not the sale.
        referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override },
        contentSecurityPolicy: { contentSecurityPolicy: pageSecurityPolicy(pageOriginsOf(stage)), override },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: "cross-origin-opener-policy", value: "same-origin", override },
          { header: "permissions-policy", value: pagePermissions, override },
        ],
      },
    })
  }
}
