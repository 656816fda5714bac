/** A name that CloudFront makes for a distribution. Any other name is a domain, and then the stage names it itself. */
const distributionName = /^[a-z0-9]{8,20}\.cloudfront\.net$/

/**
 * The page to which the payment provider sends a shopper back, on a stage that has no domain: the edge says under which name the
 * shopper sees the shop. @returns undefined when the edge says nothing, or no name of a distribution
 */
export const siteOf = (host: string | undefined): string | undefined =>
  host !== undefined && distributionName.test(host) ? `https://${host}/` : undefined
