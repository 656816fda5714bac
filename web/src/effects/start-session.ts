import type { StageConfig } from "../config/stage-config.ts"
import type { Keeper } from "../device/keeper.ts"
import { openLocalSession } from "./local-session.ts"
import type { Page } from "./page.ts"

/** Looks for the session of an earlier visit. A shopper who never signed in does not load the identity provider's code. */
export function startSession(page: Page, { signIn }: StageConfig, keeper: Keeper): void {
  if (signIn.kind === "local") {
    page.useSession(openLocalSession(keeper))
    return
  }
  if (keeper.get("signed-in") === undefined) {
    page.dispatch({ kind: "session", session: { kind: "signed-out", hasEnded: false }, stored: {} })
    return
  }
  import("./cognito-session.ts").then(
    ({ openCognitoSession }) => page.useSession(openCognitoSession(signIn, keeper)),
    () => page.dispatch({ kind: "outdated" }),
  )
}
