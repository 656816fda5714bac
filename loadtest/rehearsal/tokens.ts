import { readFile } from "node:fs/promises"
import { z } from "zod"
import { parsedBody } from "./answers.ts"
import type { Send } from "./client.ts"
import { unusable } from "./manager.ts"
import { adminTokenOf, TokensUnusable, tokensOf } from "./token-file.ts"

/** The source of the tokens. */
export interface Logins {
  /** A token that allows its holder to administrate sales. */
  readonly admin: () => Promise<string>
  /**
   * Tokens of the given number of shoppers, in order. They exist before the sale, as people log in before it. `progress` is
   * called with the number so far.
   */
  readonly shoppers: (names: readonly string[], progress: (loggedIn: number) => void) => Promise<readonly string[]>
}

/** Tokens requested at the same time: signing them takes the system's processor. */
const maxAtOnce = 16
const TokenAnswer = z.object({ access_token: z.string() })

/** The local run issues tokens to every client. Both calls @throws SystemUnusable */
export const localLogins = (send: Send): Logins => ({
  admin: () => mint(send, { sub: "rehearsal-manager", scope: "sales:admin" }),
  async shoppers(names, progress) {
    const tokens: string[] = []
    const left = names.entries()
    let minted = 0
    const worker = async (): Promise<void> => {
      for (const [index, sub] of left) {
        tokens[index] = await mint(send, { sub })
        minted += 1
        progress(minted)
      }
    }
    await Promise.all(Array.from({ length: maxAtOnce }, worker))
    return tokens
  },
})

export interface LoginFiles {
  readonly tokensFile: string
  /** Without it `adminToken` is the manager's token. */
  readonly adminTokenFile?: string
  readonly adminToken?: string
  readonly shoppers: number
  /** The time until which every token must be valid. */
  readonly neededUntil: Date
}

/**
 * Logins made beforehand, which a deployed system needs. They are read before the first request.
 *
 * @throws TokensUnusable
 */
export async function loginsFrom({ tokensFile, adminTokenFile, adminToken, shoppers, neededUntil }: LoginFiles): Promise<Logins> {
  const ofManager = adminTokenFile === undefined ? adminToken : await readFile(adminTokenFile, "utf8")
  if (!ofManager) throw new TokensUnusable("no admin token: set FLASH_SALE_TOKEN, or name a file with --admin-token-file")
  const admin = adminTokenOf(ofManager, neededUntil)
  const tokens = tokensOf(await readFile(tokensFile, "utf8"), shoppers, neededUntil)
  return { admin: async () => admin, shoppers: async () => tokens }
}

async function mint(send: Send, body: { sub: string; scope?: string }): Promise<string> {
  const reply = await send({ method: "POST", path: "/local/token", body })
  const answer = parsedBody(reply, TokenAnswer)
  if (answer === undefined)
    throw unusable("No token: only the local run issues tokens. For another system name a file with --tokens", reply)
  return answer.access_token
}
