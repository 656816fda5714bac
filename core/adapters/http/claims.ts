/** The claims of an access token that this API reads. */
export interface Claims {
  readonly iss?: string
  readonly sub?: unknown
  readonly tier?: unknown
  readonly scope?: unknown
  /** When the account was made, in seconds since the epoch, as `iat` is. */
  readonly account_created_at?: unknown
}
