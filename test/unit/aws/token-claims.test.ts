import { describe, expect, test } from "vitest"
import { fromCognito } from "../../../core/adapters/http/cognito.ts"
import { accountCreatedUserAttribute } from "../../../core/contracts/account-age.ts"
import { answerTrigger, TriggerEvent } from "../../../lambdas/token-claims/workflow.ts"

const nowMs = 1_800_000_000_500
const userName = "0198f5a4-7c1e-7d2b-9a3f-000000000001"

/** An event as Cognito sends it, with members that this function does not read. */
const eventOf = (triggerSource: string, userAttributes: Record<string, string> = {}) =>
  TriggerEvent.parse({
    version: "2",
    region: "eu-central-1",
    userPoolId: "eu-central-1_pool",
    userName,
    callerContext: { awsSdkVersion: "3", clientId: "client" },
    triggerSource,
    request: { userAttributes: { sub: userName, ...userAttributes }, groupConfiguration: { groupsToOverride: ["verified"] } },
    response: { claimsAndScopeOverrideDetails: null },
  })

function given(fails = false) {
  const noted: unknown[] = []
  const noteCreation = async (...args: unknown[]) => {
    if (fails) throw new Error("TooManyRequestsException")
    noted.push(args)
  }
  return { noted, answer: (event: TriggerEvent) => answerTrigger({ noteCreation }, event, nowMs) }
}

const claimsOf = (answer: TriggerEvent) =>
  (answer.response as { claimsAndScopeOverrideDetails: { accessTokenGeneration?: { claimsToAddOrOverride: object } } | null })
    .claimsAndScopeOverrideDetails?.accessTokenGeneration?.claimsToAddOrOverride

describe("the triggers of the user pool", () => {
  test("an account is noted as made when its shopper has confirmed the address", async () => {
    const { noted, answer } = given()
    const event = eventOf("PostConfirmation_ConfirmSignUp")
    expect(await answer(event)).toEqual(event)
    expect(noted).toEqual([[{ userPoolId: "eu-central-1_pool", userName }, 1_800_000_000]])
  })

  test("a new password is no new account", async () => {
    const { noted, answer } = given()
    await answer(eventOf("PostConfirmation_ConfirmForgotPassword"))
    expect(noted).toEqual([])
  })

  test("the account works if Cognito does not take the note", async () => {
    const event = eventOf("PostConfirmation_ConfirmSignUp")
    expect(await given(true).answer(event)).toEqual(event)
  })

  test.each(["TokenGeneration_Authentication", "TokenGeneration_RefreshTokens"])(
    "%s: the moment is in the access token, and our verification reads it as a number",
    async (source) => {
      const answer = await given().answer(eventOf(source, { [accountCreatedUserAttribute]: "1800000000" }))
      expect(answer.request).toEqual(eventOf(source, { [accountCreatedUserAttribute]: "1800000000" }).request)
      const claims = claimsOf(answer)
      expect(claims).toEqual({ account_created_at: "1800000000" })
      expect(fromCognito({ sub: userName, ...claims }).account_created_at).toBe(1_800_000_000)
    },
  )

  test.each([{}, { [accountCreatedUserAttribute]: "" }, { [accountCreatedUserAttribute]: "yesterday" }])(
    "%j: an account of unknown age has no claim",
    async (attributes) => {
      const event = eventOf("TokenGeneration_Authentication", attributes as Record<string, string>)
      expect(await given().answer(event)).toEqual(event)
    },
  )
})
