import { z } from "zod"
import { parsedBody } from "./answers.ts"
import type { Send } from "./client.ts"
import { unusable } from "./manager.ts"

/** Tokens asked for at once: signing them takes the system's processor, not its patience. */
const maxAtOnce = 16
const TokenAnswer = z.object({ access_token: z.string() })

/** A token that lets its holder steer sales. @throws SystemUnusable */
export const adminToken = (send: Send): Promise<string> => mint(send, { sub: "rehearsal-manager", scope: "sales:admin" })

/**
 * Tokens for so many shoppers, in order; minted before the sale, as people log in before it.
 *
 * @param progress is told how many there are
 * @throws SystemUnusable
 */
export async function shopperTokens(send: Send, names: readonly string[], progress: (minted: number) => void): Promise<string[]> {
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
}

async function mint(send: Send, body: { sub: string; scope?: string }): Promise<string> {
  const reply = await send({ method: "POST", path: "/local/token", body })
  const answer = parsedBody(reply, TokenAnswer)
  if (answer === undefined) throw unusable("No token: only the local run issues them", reply)
  return answer.access_token
}
