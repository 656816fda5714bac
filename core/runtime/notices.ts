import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider"
import { SESv2Client } from "@aws-sdk/client-sesv2"
import * as z from "zod"
import { cachedAddresses } from "../adapters/identity/cached-addresses.ts"
import { cognitoAddresses } from "../adapters/identity/cognito-users.ts"
import type { AddressOf } from "../adapters/identity/shoppers.ts"
import { mailTimeoutMs, type SendMail } from "../adapters/mail/send-mail.ts"
import { sesMail } from "../adapters/mail/ses.ts"
import { smtpMail } from "../adapters/mail/smtp.ts"
import { functionConfig } from "./environment.ts"
import type { Resources } from "./lifecycle.ts"

const connectTimeoutMs = 3_000

/**
 * How notices are sent: through SES with MAIL_CONFIGURATION_SET, over SMTP with SMTP_URL (the local run). A stage without
 * MAIL_FROM sends none.
 */
const mailEnvironment = {
  MAIL_FROM: z.email().optional(),
  MAIL_CONFIGURATION_SET: z.string().min(1).optional(),
  SMTP_URL: z.url({ protocol: /^smtp$/ }).optional(),
}

/** Sends mail by the provider of the environment. @returns undefined when the stage has no sender address */
export function openMail(resources: Resources): SendMail | undefined {
  const { MAIL_FROM: from, MAIL_CONFIGURATION_SET: configurationSet, SMTP_URL: smtpUrl } = functionConfig(mailEnvironment)
  if (from === undefined) return undefined
  if (smtpUrl !== undefined) {
    const { hostname: host, port } = new URL(smtpUrl)
    return smtpMail({ host, port: Number(port), from })
  }
  if (configurationSet === undefined) throw new Error("MAIL_FROM needs MAIL_CONFIGURATION_SET or SMTP_URL")
  const client = new SESv2Client({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: mailTimeoutMs, throwOnRequestTimeout: true },
  })
  return sesMail({ client: resources.own(client, { close: (one) => one.destroy() }), from, configurationSet })
}

/** The user pool, and its address when it is not at Cognito's own (the local run). */
const addressEnvironment = { USER_POOL_ID: z.string().min(1), IDENTITY_URL: z.url().optional() }

/** Finds the addresses of shoppers at the identity provider of the environment. */
export function openAddresses(resources: Resources): AddressOf {
  const { USER_POOL_ID: pool, IDENTITY_URL: endpoint } = functionConfig(addressEnvironment)
  const client = new CognitoIdentityProviderClient({
    requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: connectTimeoutMs, throwOnRequestTimeout: true },
    // The local identity provider checks no signature.
    ...(endpoint !== undefined && {
      ...{ endpoint, region: "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } },
    }),
  })
  return cachedAddresses(cognitoAddresses(resources.own(client, { close: (one) => one.destroy() }), pool))
}
