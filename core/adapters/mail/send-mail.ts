/** A mail to one person. */
export interface Mail {
  readonly to: string
  /** The name of the sender that the person sees. */
  readonly fromName: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Of what the mail reports; reports about a bounce repeat it. Only letters, digits, `-` and `_`. */
  readonly eventId: string
  readonly generation: number
}

/** What became of a mail. */
export type MailOutcome =
  /** The provider took it. */
  | { readonly kind: "sent"; readonly messageId?: string | undefined }
  /** The provider certainly did not take it, and a later try may succeed. */
  | { readonly kind: "not-sent"; readonly error: Error }
  /** The provider refused it for good. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The provider had the mail and gave no answer: it may have been sent. */
  | { readonly kind: "unknown"; readonly error: Error }

/** Sends one mail, once: it is not repeated here. It never throws, and ends within `mailTimeoutMs`. */
export type SendMail = (mail: Mail) => Promise<MailOutcome>

/** A provider that has not answered after this time does not answer. */
export const mailTimeoutMs = 10_000

/** The address of the sender, and the name before it: `"Flash sale" <sale@example.com>`. */
export const senderOf = (fromName: string, address: string): string => `"${fromName.replace(/["\\\r\n]/g, " ")}" <${address}>`
