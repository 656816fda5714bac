import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider"
import { cognitoAccounts, type NoteCreation } from "../adapters/identity/cognito-accounts.ts"
import type { Resources } from "./lifecycle.ts"

/** Cognito waits five seconds for a trigger: one attempt and one repetition. */
const maxAttempts = 2

/** Notes in the user pool when an account was made. */
export function openAccountNotes(resources: Resources): NoteCreation {
  const client = new CognitoIdentityProviderClient({ maxAttempts })
  return cognitoAccounts(resources.own(client, { close: (one) => one.destroy() }))
}
