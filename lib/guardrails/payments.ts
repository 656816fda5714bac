import { type Guardrail, plain, when } from "./finding.ts"

/** A payment is authorised and captured: two calls. */
const callsPerCheckout = 2

/**
 * A shopper whose payment starts too late loses the hold: the allowed calls to the provider must carry the declared checkouts.
 */
export const paymentPaceCarriesCheckouts: Guardrail = ({ capacity, payments }) => {
  const needed = capacity.checkoutsPerSecond * callsPerCheckout
  return when(!(payments.callsPerSecond >= needed), () => ({
    found: `${plain(capacity.checkoutsPerSecond)} checkouts/s make ${plain(needed)} calls/s to the payment provider, ${plain(payments.callsPerSecond)}/s are allowed.`,
    allowed: `at least ${plain(needed)}/s: an authorisation and a capture each.`,
    fix: "Have the provider raise the account's rate limit (docs/DEPLOY.md) and then raise `payments.callsPerSecond`, or lower `capacity.checkoutsPerSecond`.",
  }))
}

/** Everyone can read the page's key: a secret one (`sk_`, `rk_`) would let them refund and charge. */
export const pageKeyIsPublic: Guardrail = ({ payments }) =>
  when(!payments.publishableKey.startsWith("pk_"), () => ({
    found: `The page's payment key begins with "${payments.publishableKey.slice(0, 3)}".`,
    allowed: 'a publishable key: it begins with "pk_".',
    fix: "Set `payments.publishableKey` to the account's publishable key, and replace a secret key that was written there.",
  }))
