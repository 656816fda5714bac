import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from "@aws-sdk/client-sesv2"
import { mailTags } from "../../contracts/notices.ts"
import { type Mail, type MailOutcome, mailTimeoutMs, type SendMail, senderOf } from "./send-mail.ts"

export interface SesOptions {
  /** It makes each call once (maxAttempts 1): a repeated call could send a mail twice. */
  readonly client: SESv2Client
  /** A verified identity of the account. */
  readonly from: string
  readonly configurationSet: string
  readonly timeoutMs?: number
}

/**
 * Refusals of this one mail: its content or its address. Any other error is one of the account, of its rights or of the service:
 * it fails every mail and is repaired by people or by time.
 */
const refusals: ReadonlySet<string> = new Set(["MessageRejected", "BadRequestException"])

/**
 * Sends through Amazon SES. An answer of SES decides, also an error of the service itself (HTTP 5xx): it says that the mail was
 * not taken. Without an answer, the mail may have been taken: unless the connection was never made.
 *
 * List-Unsubscribe is left out on purpose: each notice answers something that the shopper did themselves (RFC 8058 is for
 * mailing lists), and the configuration set suppresses addresses that complain.
 */
export const sesMail =
  ({ client, from, configurationSet, timeoutMs = mailTimeoutMs }: SesOptions): SendMail =>
  async (mail) => {
    try {
      const { MessageId } = await client.send(
        new SendEmailCommand({ ...messageOf(mail), ...senderPart(mail, from, configurationSet) }),
        {
          abortSignal: AbortSignal.timeout(timeoutMs),
        },
      )
      return { kind: "sent", messageId: MessageId }
    } catch (error) {
      return outcomeOf(error)
    }
  }

const utf8 = (Data: string) => ({ Data, Charset: "UTF-8" })

const messageOf = ({ to, subject, text, html, eventId, generation }: Mail) => ({
  Destination: { ToAddresses: [to] },
  Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) } } },
  EmailTags: [
    { Name: mailTags.event, Value: eventId },
    { Name: mailTags.generation, Value: String(generation) },
  ],
})

const senderPart = ({ fromName }: Mail, from: string, configurationSet: string) => ({
  // A name outside ASCII would need RFC 2047; the names of the shop are ASCII (texts-en.ts, texts-de.ts).
  FromEmailAddress: senderOf(fromName, from),
  ConfigurationSetName: configurationSet,
})

/** Errors of Node for a connection that was never made. */
const neverConnected: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"])

function outcomeOf(thrown: unknown): MailOutcome {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error instanceof SESv2ServiceException) {
    return refusals.has(error.name) ? { kind: "refused", reason: error.name } : { kind: "not-sent", error }
  }
  // The role's credentials could not be read: nothing was sent.
  if (error.name === "CredentialsProviderError") return { kind: "not-sent", error }
  const code = "code" in error ? String(error.code) : ""
  const isConnectTimeout = error.name === "TimeoutError" && /connect/i.test(error.message)
  return neverConnected.has(code) || isConnectTimeout ? { kind: "not-sent", error } : { kind: "unknown", error }
}
