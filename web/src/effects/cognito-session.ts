import {
  cognitoUserPoolsTokenProvider,
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  resetPassword,
  type SignInOutput,
  signIn,
  signOut,
  signUp,
} from "@aws-amplify/auth/cognito"
import { Amplify, fetchAuthSession, sessionStorage as tabStorage } from "@aws-amplify/core"
import type { SignInConfig } from "../config/stage-config.ts"
import type { Keeper } from "../device/keeper.ts"
import type { User } from "../machine/page-state.ts"
import { endAllSessions } from "./global-sign-out.ts"
import type { SessionKeeper } from "./session-keeper.ts"

/** What a shopper does next to sign in. */
export type SignInStep =
  | { readonly kind: "done"; readonly user: User }
  | { readonly kind: "code"; readonly to: string; readonly next: "sign-in" | "sign-up" | "password" }
  | { readonly kind: "totp" }
  | { readonly kind: "failed"; readonly reason: "wrong" | "exists" | "password" | "many" | "network" | "other" }

export interface CognitoSession extends SessionKeeper {
  readonly withPassword: (email: string, password: string) => Promise<SignInStep>
  /** Cognito sends a code by e-mail: no password is needed. */
  readonly withCode: (email: string) => Promise<SignInStep>
  readonly confirm: (code: string) => Promise<SignInStep>
  readonly register: (email: string, password: string) => Promise<SignInStep>
  readonly confirmRegistration: (email: string, password: string, code: string) => Promise<SignInStep>
  readonly forgot: (email: string) => Promise<SignInStep>
  readonly resetPassword: (email: string, password: string, code: string) => Promise<SignInStep>
}

const keptEmail = "email"

/**
 * Cognito's API without its hosted pages. The tokens are in the storage of the tab: they survive a reload and the way to the
 * bank, and end with the tab.
 */
export function openCognitoSession(
  { region, userPoolId, clientId }: Extract<SignInConfig, { kind: "cognito" }>,
  keeper: Keeper,
): CognitoSession {
  const config = { Auth: { Cognito: { userPoolId, userPoolClientId: clientId } } }
  cognitoUserPoolsTokenProvider.setAuthConfig(config.Auth)
  cognitoUserPoolsTokenProvider.setKeyValueStorage(tabStorage)
  Amplify.configure(config, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } })

  async function token(isRenewed: boolean): Promise<string | undefined> {
    const { tokens } = await fetchAuthSession({ forceRefresh: isRenewed })
    return tokens?.accessToken.toString()
  }

  async function user(): Promise<User | undefined> {
    const { tokens } = await fetchAuthSession()
    const { sub, exp } = tokens?.accessToken.payload ?? {}
    if (sub === undefined || exp === undefined) return undefined
    return { id: sub, name: keeper.get(keptEmail) ?? sub, endsAtMs: exp * 1_000 }
  }

  async function stepOf(email: string, { isSignedIn, nextStep }: SignInOutput): Promise<SignInStep> {
    if (isSignedIn) return done(email)
    switch (nextStep.signInStep) {
      case "CONFIRM_SIGN_IN_WITH_EMAIL_CODE":
        return { kind: "code", to: email, next: "sign-in" }
      case "CONFIRM_SIGN_UP":
        return { kind: "code", to: email, next: "sign-up" }
      case "CONFIRM_SIGN_IN_WITH_TOTP_CODE":
        return { kind: "totp" }
      default:
        return { kind: "failed", reason: "other" }
    }
  }

  async function done(email: string): Promise<SignInStep> {
    keeper.set(keptEmail, email)
    const signedIn = await user()
    return signedIn === undefined ? { kind: "failed", reason: "other" } : { kind: "done", user: signedIn }
  }

  let askedEmail = ""
  const withPassword = (email: string, password: string) => {
    askedEmail = email
    return attempt(async () =>
      stepOf(email, await signIn({ username: email, password, options: { authFlowType: "USER_SRP_AUTH" } })),
    )
  }

  return {
    restore: user,
    token,
    withPassword,
    withCode: (email) => {
      askedEmail = email
      return attempt(async () => {
        const options = { authFlowType: "USER_AUTH", preferredChallenge: "EMAIL_OTP" } as const
        return stepOf(email, await signIn({ username: email, options }))
      })
    },
    confirm: (code) => attempt(async () => stepOf(askedEmail, await confirmSignIn({ challengeResponse: code }))),
    register: (email, password) =>
      attempt(async () => {
        await signUp({ username: email, password, options: { userAttributes: { email } } })
        return { kind: "code", to: email, next: "sign-up" }
      }),
    confirmRegistration: (email, password, code) =>
      attempt(async () => {
        await confirmSignUp({ username: email, confirmationCode: code })
        return withPassword(email, password)
      }),
    forgot: (email) =>
      attempt(async () => {
        await resetPassword({ username: email })
        return { kind: "code", to: email, next: "password" }
      }),
    resetPassword: (email, password, code) =>
      attempt(async () => {
        await confirmResetPassword({ username: email, newPassword: password, confirmationCode: code })
        return withPassword(email, password)
      }),
    async signOut(isEverywhere) {
      keeper.set(keptEmail, undefined)
      try {
        const accessToken = isEverywhere ? await token(false) : undefined
        if (accessToken !== undefined) await endAllSessions(region, accessToken)
      } finally {
        await signOut()
      }
    },
  }
}

type Reason = Extract<SignInStep, { kind: "failed" }>["reason"]

/** Cognito's errors by name. Whether an account exists is not told apart from a wrong password. */
const reasons: Readonly<Record<string, Reason>> = {
  NotAuthorizedException: "wrong",
  UserNotFoundException: "wrong",
  CodeMismatchException: "wrong",
  ExpiredCodeException: "wrong",
  UsernameExistsException: "exists",
  InvalidPasswordException: "password",
  LimitExceededException: "many",
  TooManyRequestsException: "many",
  TooManyFailedAttemptsException: "many",
  NetworkError: "network",
}

async function attempt(act: () => Promise<SignInStep>): Promise<SignInStep> {
  try {
    return await act()
  } catch (error) {
    return { kind: "failed", reason: (error instanceof Error ? reasons[error.name] : undefined) ?? "other" }
  }
}
