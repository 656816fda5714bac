/**
 * How the account is asked for a quota.
 * - `quota`: Service Quotas knows it by a code.
 * - `named`: Service Quotas lists it, under a code that AWS's documentation does not print; it is found by its name.
 * - `lambda`: Lambda itself says what it enforces. Service Quotas has the code for the request.
 * - `mail-rate`, `mail-day`: Amazon SES says what it enforces.
 */
export type AskedOf =
  | { readonly kind: "quota"; readonly service: string; readonly code: string }
  | { readonly kind: "named"; readonly service: string; readonly name: string; readonly page: string }
  | { readonly kind: "lambda"; readonly service: "lambda"; readonly code: string }
  | { readonly kind: "mail-rate" | "mail-day"; readonly service: "ses"; readonly code: string }

/** What a stage needs of a quota of its account. */
export interface AccountNeed {
  readonly item: string
  readonly needed: number
  /** Where the number comes from. */
  readonly because: string
  readonly region: string
  /** What AWS gives every account by default; the source is in account-needs.ts. */
  readonly byDefault: number
  /** What reaches the limit: the deployment itself fails, or the sale does. */
  readonly limits: "deployment" | "sale"
  readonly askedOf: AskedOf
}

/** The number to ask for: AWS grants its own default most easily, so that less is never asked for. */
export const numberToRequest = ({ needed, byDefault }: Pick<AccountNeed, "needed" | "byDefault">): number =>
  Math.max(needed, byDefault)

/** What requests the quota: a command, or the page of AWS's support for a quota without a code. */
export function requestOf(need: AccountNeed): string {
  const { askedOf, region } = need
  switch (askedOf.kind) {
    case "named":
      return askedOf.page
    case "mail-rate":
    case "mail-day":
    case "quota":
    case "lambda":
      return `aws service-quotas request-service-quota-increase --service-code ${askedOf.service} --quota-code ${askedOf.code} --desired-value ${numberToRequest(need)} --region ${region}`
  }
}

/** How the quota is called in the table: its code, or its name where AWS prints no code. */
export const quotaNameOf = ({ askedOf }: AccountNeed): string =>
  askedOf.kind === "named" ? `${askedOf.service}: ${askedOf.name}` : `${askedOf.service} ${askedOf.code}`
