import { Readable } from "node:stream"
import MailComposer from "nodemailer/lib/mail-composer"
import SMTPConnection from "nodemailer/lib/smtp-connection"
import { type MailOutcome, mailTimeoutMs, type SendMail, senderOf } from "./send-mail.ts"

export interface SmtpOptions {
  readonly host: string
  readonly port: number
  readonly from: string
  readonly timeoutMs?: number
}

/** The headers by which a mail is found again in the folder of the local SMTP server. */
export const eventHeader = "X-Event-ID"

/**
 * Sends over SMTP, one connection for each mail. nodemailer's connection and not its transport: only the connection shows
 * whether the server had asked for the message (354) when an answer stayed away. Before that, nothing was sent.
 */
export const smtpMail =
  ({ host, port, from, timeoutMs = mailTimeoutMs }: SmtpOptions): SendMail =>
  async (mail) => {
    const raw = await new MailComposer({
      from: senderOf(mail.fromName, from),
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: { [eventHeader]: mail.eventId, "Auto-Submitted": "auto-generated" },
    })
      .compile()
      .build()
    return transmit({ host, port, timeoutMs }, { from, to: mail.to }, raw)
  }

function transmit(
  { timeoutMs, ...server }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  envelope: { readonly from: string; readonly to: string },
  raw: Buffer,
): Promise<MailOutcome> {
  const connection = new SMTPConnection({
    ...server,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // The local server has a certificate that nobody signed, and the mail does not leave this machine.
    ignoreTLS: true,
  })
  let isHandedOver = false
  const message = new Readable({
    read() {
      isHandedOver = true
      this.push(raw)
      this.push(null)
    },
  })
  return new Promise<MailOutcome>((resolve) => {
    const end = (outcome: MailOutcome) => {
      clearTimeout(timer)
      if (outcome.kind === "sent") connection.quit()
      else connection.close()
      resolve(outcome)
    }
    const fail = (error: SmtpError) => end(outcomeOf(error, isHandedOver))
    const timer = setTimeout(() => fail(new Error("The SMTP server did not answer in time")), timeoutMs)
    connection.on("error", fail)
    connection.connect((refused) => {
      if (refused) return
      connection.send(envelope, message, (error, info) => {
        if (error) fail(error)
        else end({ kind: "sent", messageId: info.serverMessageId })
      })
    })
  })
}

interface SmtpError extends Error {
  /** The code of the server's answer. */
  readonly responseCode?: number | undefined
  readonly command?: string | undefined
}

/** The server's answer decides. A login that is refused concerns every mail, not this one. */
function outcomeOf(error: SmtpError, isHandedOver: boolean): MailOutcome {
  const { responseCode = 0, command = "" } = error
  const isOfMail = /^(MAIL FROM|RCPT TO|DATA)/.test(command)
  // 503 says that the session was in another state, not that this mail is refused.
  if (responseCode >= 500 && responseCode !== 503 && isOfMail) return { kind: "refused", reason: `smtp-${responseCode}` }
  if (responseCode >= 400) return { kind: "not-sent", error }
  return isHandedOver ? { kind: "unknown", error } : { kind: "not-sent", error }
}
