import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider"
import { cognitoAccounts } from "../../core/adapters/identity/cognito-accounts.ts"
import { countWork, flushBeforeFreeze } from "../../core/adapters/telemetry.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { answerTrigger, TriggerEvent } from "./workflow.ts"

functionConfig(stageEnvironment)

export const runtime = defineRuntime(async (resources) => {
  const client = resources.own(new CognitoIdentityProviderClient({ maxAttempts: 2 }), { close: (own) => own.destroy() })
  return { noteCreation: cognitoAccounts(client) }
})

/**
 * Triggers of the user pool: notes when an account was made, and writes it into every access token. Cognito waits for the answer
 * for five seconds, and a failure would refuse the sign-in.
 */
export async function handler(event: unknown): Promise<unknown> {
  const parts = await runtime.open()
  const answer = await answerTrigger(parts, TriggerEvent.parse(event), Date.now())
  countWork(1)
  flushBeforeFreeze()
  return answer
}
