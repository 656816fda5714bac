import * as z from "zod"
import type { NoteCreation } from "../../core/adapters/identity/cognito-accounts.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { accountCreatedClaim, accountCreatedUserAttribute } from "../../core/contracts/account-age.ts"
import { isUuid, ownerOf } from "../../core/domain/ids.ts"

/** What the function reads of Cognito's triggers; Cognito gets back all of it. */
export const TriggerEvent = z.looseObject({
  triggerSource: z.string(),
  userPoolId: z.string(),
  userName: z.string(),
  request: z.looseObject({ userAttributes: z.record(z.string(), z.string()).default({}) }),
  response: z.looseObject({}).nullish(),
})
export type TriggerEvent = z.output<typeof TriggerEvent>

export interface TriggerParts {
  readonly noteCreation: NoteCreation
}

/** A user of this pool has a random id for a name; the log has its first 32 bits, as everywhere. */
const userOf = (userName: string) => (isUuid(userName) ? { user: ownerOf(userName) } : {})

const secondsPattern = /^\d{9,11}$/

/**
 * After a shopper confirmed their address: notes that their account was made now. Before a token: writes that moment into the
 * access token. An account without a moment, as one that an operator made, has no claim, and is not new.
 *
 * It throws nothing: without the note a shopper still signs in, and the rate limiter lacks one weak signal of them.
 */
export async function answerTrigger({ noteCreation }: TriggerParts, event: TriggerEvent, nowMs: number): Promise<TriggerEvent> {
  const { triggerSource, userPoolId, userName } = event
  if (triggerSource === "PostConfirmation_ConfirmSignUp") {
    await noteCreation({ userPoolId, userName }, Math.floor(nowMs / 1_000)).catch((error: unknown) => {
      logger.warn("It could not be noted when an account was made; the account works, and does not count as new", {
        ...userOf(userName),
        error: error as Error,
      })
    })
    return event
  }
  const createdAt = event.request.userAttributes[accountCreatedUserAttribute]
  if (!triggerSource.startsWith("TokenGeneration_") || createdAt === undefined || !secondsPattern.test(createdAt)) return event
  const claimsToAddOrOverride = { [accountCreatedClaim]: createdAt }
  return {
    ...event,
    response: { ...event.response, claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride } } },
  }
}
