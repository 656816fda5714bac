import type { User } from "../machine/page-state.ts"

/** The shopper who is signed in, and their access token. No token is ever in an address. */
export interface SessionKeeper {
  /** The shopper who signed in before, in this tab or another. @throws when the identity provider does not answer */
  readonly restore: () => Promise<User | undefined>
  /** A valid token; a new one with `isRenewed`. Undefined: the session has ended. @throws when the provider does not answer */
  readonly token: (isRenewed: boolean) => Promise<string | undefined>
  /** Signs out on this device in any case. @throws when it was asked for everywhere, and the provider did not do it */
  readonly signOut: (isEverywhere: boolean) => Promise<void>
}

/** The claims that the page reads of a token. The API verifies it; the page only shows who they are and when it ends. */
export interface Claims {
  readonly sub: string
  readonly endsAtMs: number
}

/** @throws for a text that is no JWT */
export function claimsOf(token: string): Claims {
  const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0))
  const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes)) as { sub: string; exp: number }
  return { sub, endsAtMs: exp * 1_000 }
}
