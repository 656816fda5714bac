import { countWork, flushBeforeFreeze } from "../../core/adapters/telemetry.ts"
import { openAccountNotes } from "../../core/runtime/accounts.ts"
import { functionConfig, stageEnvironment } from "../../core/runtime/environment.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { answerTrigger, TriggerEvent } from "./workflow.ts"

functionConfig(stageEnvironment)

export const runtime = defineRuntime(async (resources) => ({ noteCreation: openAccountNotes(resources) }))

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
