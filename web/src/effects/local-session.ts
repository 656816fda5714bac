import type { Keeper } from "../device/keeper.ts"
import type { User } from "../machine/page-state.ts"
import { claimsOf, type SessionKeeper } from "./session-keeper.ts"

export interface LocalSession extends SessionKeeper {
  readonly signIn: (name: string) => Promise<User>
}

export const longestName = 40
const keptName = "name"

/** Any text becomes a subject: visible ASCII characters, the same for the same name. */
const subjectOf = (name: string): string => encodeURIComponent(name).slice(0, 128)

/** Signs in by a name alone. Only the local run has the route; the page keeps the name, and the token in memory. */
export function openLocalSession(keeper: Keeper): LocalSession {
  let token: string | undefined

  async function ask(name: string): Promise<User> {
    const response = await fetch("/local/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sub: subjectOf(name) }),
      cache: "no-store",
    })
    if (!response.ok) throw new Error(`The local issuer answered ${response.status}`)
    const answer = (await response.json()) as { access_token: string }
    token = answer.access_token
    const { sub, endsAtMs } = claimsOf(token)
    return { id: sub, name, endsAtMs }
  }

  return {
    async restore() {
      const name = keeper.get(keptName)
      return name === undefined ? undefined : await ask(name)
    },
    async token(isRenewed) {
      const name = keeper.get(keptName)
      if (name === undefined) return undefined
      if (token === undefined || isRenewed) await ask(name)
      return token
    },
    async signIn(name) {
      const user = await ask(name.trim())
      keeper.set(keptName, name.trim())
      return user
    },
    async signOut() {
      token = undefined
      keeper.set(keptName, undefined)
    },
  }
}
