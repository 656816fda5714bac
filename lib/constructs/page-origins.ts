import type { PageOrigins } from "../../core/contracts/http/page.ts"
import type { StageConfig } from "../config.ts"

/**
 * What Stripe demands for Stripe.js and the Payment Element, without the parts for addresses
 * (docs.stripe.com/security/guide#content-security-policy).
 */
const stripe = {
  script: ["https://js.stripe.com", "https://*.js.stripe.com"],
  frame: ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
  connect: ["https://api.stripe.com"],
}

/** WAF's script and its calls use several hosts of this domain: AWS demands the wildcard (waf-javascript-api). */
const challenge = "https://*.awswaf.com"

/** The origins that the page of a stage may use: sign-in, payments, and the script of the challenge where there is one. */
export function pageOriginsOf({ region, edge }: Pick<StageConfig, "region" | "edge">): Required<PageOrigins> {
  const challenges = edge.botControl ? [challenge] : []
  return {
    script: [...stripe.script, ...challenges],
    frame: stripe.frame,
    connect: [`https://cognito-idp.${region}.amazonaws.com`, ...stripe.connect, ...challenges],
  }
}
