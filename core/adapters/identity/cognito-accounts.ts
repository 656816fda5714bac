import { AdminUpdateUserAttributesCommand, type CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider"
import { accountCreatedUserAttribute } from "../../contracts/account-age.ts"

/** Cognito waits five seconds for a trigger. */
const timeoutMs = 3_000

/** An account of the user pool. */
export interface Account {
  readonly userPoolId: string
  readonly userName: string
}

/** Notes in the user pool when an account was made. @throws Error when Cognito does not take it */
export type NoteCreation = (account: Account, createdAtSeconds: number) => Promise<void>

export const cognitoAccounts =
  (client: CognitoIdentityProviderClient): NoteCreation =>
  async ({ userPoolId, userName }, createdAtSeconds) => {
    const command = new AdminUpdateUserAttributesCommand({
      UserPoolId: userPoolId,
      Username: userName,
      UserAttributes: [{ Name: accountCreatedUserAttribute, Value: String(createdAtSeconds) }],
    })
    await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })
  }
