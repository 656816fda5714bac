/**
 * The user pool keeps in this attribute when an account was made, in seconds since the epoch: `custom:` is Cognito's prefix. No
 * app client may write it.
 */
export const accountCreatedAttribute = "account_created_at"
export const accountCreatedUserAttribute = `custom:${accountCreatedAttribute}`

/** The claim of an access token that says the same (core/adapters/http/claims.ts). */
export const accountCreatedClaim = "account_created_at"
