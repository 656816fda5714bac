import { mailsPerSecond, sendsMail } from "../capacity/mail.ts"
import { type Guardrail, plain, when } from "./finding.ts"

const minuteMs = 60_000
/** Cognito's limits for the life of an access token. */
const tokenMinutes = { least: 5, most: 1_440 }

/** A crowd signs in at the rate that Cognito takes: it must be through before the opening. */
export const crowdSignsInBefore: Guardrail = ({ signIn, quotas }) => {
  const minutes = signIn.shoppers / quotas.signInsPerSecond / 60
  return when(!(minutes <= signIn.minutesBefore), () => ({
    found: `${plain(signIn.shoppers)} people sign in at ${plain(quotas.signInsPerSecond)}/s in ${plain(minutes)} minutes.`,
    allowed: `${plain(signIn.minutesBefore)} minutes, the time between the call to sign in and the opening.`,
    fix: "Have the quota UserAuthentication raised (docs/DEPLOY.md) and then `quotas.signInsPerSecond`, or raise `signIn.minutesBefore`.",
  }))
}

/** Those who sign in first must not need a second token during the sale: the crowd would renew at once. */
export const tokensOutliveSale: Guardrail = ({ signIn, sales }) => {
  const saleMinutes = Math.max(
    0,
    ...sales.map(
      ({ opensAt, closesAt, holdSeconds }) => (Date.parse(closesAt) - Date.parse(opensAt)) / minuteMs + holdSeconds / 60,
    ),
  )
  const needed = signIn.minutesBefore + saleMinutes
  const { least, most } = tokenMinutes
  return [
    ...when(!(signIn.accessTokenMinutes >= needed), () => ({
      found: `An access token lasts ${plain(signIn.accessTokenMinutes)} minutes.`,
      allowed: `at least ${plain(needed)} minutes: from the first sign-in before the opening to the end of the last hold.`,
      fix: "Raise `signIn.accessTokenMinutes`, or lower `signIn.minutesBefore`.",
    })),
    ...when(signIn.accessTokenMinutes < least || signIn.accessTokenMinutes > most, () => ({
      found: `An access token lasts ${plain(signIn.accessTokenMinutes)} minutes.`,
      allowed: `${plain(least)} to ${plain(most)} minutes: Cognito takes no others.`,
      fix: "Correct `signIn.accessTokenMinutes`.",
    })),
  ]
}

/** The notifier reads the address of each shopper; beyond the quota Cognito refuses, and notices come late. */
export const addressesAreRead: Guardrail = (config) => {
  const reads = mailsPerSecond(config)
  return when(sendsMail(config) && reads > config.quotas.userReadsPerSecond, () => ({
    found: `The notifier reads up to ${plain(reads)} addresses a second.`,
    allowed: `${plain(config.quotas.userReadsPerSecond)}, the quota UserResourceRead of Cognito.`,
    fix: "Have the quota raised (docs/DEPLOY.md) and then `quotas.userReadsPerSecond`, or lower `functions.notifier.reservedConcurrency`.",
  }))
}
