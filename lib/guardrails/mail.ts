import { environmentsFor, mailsPerSecond, noticesPerUnit, sendsMail } from "../capacity/mail.ts"
import { type Guardrail, plain, when } from "./finding.ts"

/** A shopper waits this long for a notice of a sale that sells out at once. */
const longestDelaySeconds = 900
const secondsPerDay = 86_400

/** SES throttles a sender that is faster than its quota. The notices then arrive in bursts, with pauses between. */
export const mailRateFitsQuota: Guardrail = (config) => {
  const { quotas } = config
  return when(sendsMail(config) && mailsPerSecond(config) > quotas.mailsPerSecond, () => ({
    found: `The notifier can send ${plain(mailsPerSecond(config))} mails/s, SES takes ${plain(quotas.mailsPerSecond)}/s of this account.`,
    allowed: `at most ${plain(environmentsFor(quotas.mailsPerSecond))} environments of notifier.`,
    fix: "Lower `functions.notifier.reservedConcurrency` with `eventSources.notifier.concurrency`, or have the quota raised (docs/DEPLOY.md) and then raise `quotas.mailsPerSecond`.",
  }))
}

/** The notices of the fullest day of sales fit into the quota of a day. */
export const mailsOfDayFitQuota: Guardrail = (config) => {
  const byDay = Map.groupBy(config.sales, ({ opensAt }) => Math.floor(Date.parse(opensAt) / 1_000 / secondsPerDay))
  const units = Math.max(0, ...[...byDay.values()].map((sales) => sales.reduce((sum, { units }) => sum + units, 0)))
  const mails = units * noticesPerUnit
  return when(sendsMail(config) && mails > config.quotas.mailsPerDay, () => ({
    found: `Sales of one day have ${plain(units)} units and send up to ${plain(mails)} mails; SES takes ${plain(config.quotas.mailsPerDay)} a day.`,
    allowed: `at most ${plain(Math.floor(config.quotas.mailsPerDay / noticesPerUnit))} units a day.`,
    fix: "Have the quota raised (docs/DEPLOY.md) and then raise `quotas.mailsPerDay`, or move a sale to another day.",
  }))
}

/** A sale that sells out in seconds causes all its notices at once: the notifier sends them within a quarter of an hour. */
export const noticesArriveInTime: Guardrail = (config) =>
  config.sales.flatMap(({ skuId, units }) => {
    const seconds = (units * noticesPerUnit) / mailsPerSecond(config)
    return when(sendsMail(config) && seconds > longestDelaySeconds, () => ({
      found: `The notices of ${skuId} take ${plain(seconds)} s at ${plain(mailsPerSecond(config))} mails/s.`,
      allowed: `at most ${plain(longestDelaySeconds)} s.`,
      fix: "Raise `functions.notifier.reservedConcurrency` with `eventSources.notifier.concurrency`, and `quotas.mailsPerSecond` with them.",
    }))
  })
