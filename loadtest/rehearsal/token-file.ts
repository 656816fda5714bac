import { decodeJwt } from "jose"
import * as z from "zod"

/** The shoppers' or the manager's tokens are not such that a rehearsal can be played with them. No message quotes any of them. */
export class TokensUnusable extends Error {
  override readonly name = "TokensUnusable"
}

const Login = z.object({ sub: z.string().min(1), access_token: z.string().min(1) })

/**
 * Reads shoppers who have logged in already, one JSON object `{"sub": ..., "access_token": ...}` a line; loadtest/k6 takes the
 * same file. Of a shopper who is there twice the last token counts, so that new logins may be added at the end.
 *
 * @param shoppers so many different ones are needed; a token each, because a user may have but one unit
 * @param neededUntil every token must be valid until then
 * @throws TokensUnusable
 */
export function tokensOf(text: string, shoppers: number, neededUntil: Date): string[] {
  const tokens = new Map<string, { token: string; place: string }>()
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const place = `line ${index + 1}`
    const { sub, access_token: token } = loginIn(line, place)
    tokens.set(sub, { token, place })
  }
  if (tokens.size < shoppers) throw new TokensUnusable(`there are tokens of ${tokens.size} shoppers, and ${shoppers} are to come`)
  const used = [...tokens].slice(0, shoppers)
  return used.map(([sub, { token, place }]) => {
    if (assertLasts(token, neededUntil, place) === sub) return token
    throw new TokensUnusable(`${place}: the token is another user's than its "sub" says`)
  })
}

/** The manager's token, alone in its text. @throws TokensUnusable */
export function adminTokenOf(text: string, neededUntil: Date): string {
  const token = text.trim()
  assertLasts(token, neededUntil, "the admin token")
  return token
}

function loginIn(line: string, place: string): z.infer<typeof Login> {
  const parsed = Login.safeParse(jsonOf(line))
  if (parsed.success) return parsed.data
  throw new TokensUnusable(`${place} is no {"sub": "...", "access_token": "..."}`)
}

/** The parser's own message is left away: it quotes what it could not read. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Signatures are the system's to check. @returns whose token it is */
function assertLasts(token: string, neededUntil: Date, place: string): unknown {
  const { sub, exp = 0 } = claimsOf(token, place)
  const expiresAt = new Date(exp * 1_000)
  if (expiresAt >= neededUntil) return sub
  const [expires, needed] = [expiresAt, neededUntil].map((date) => date.toISOString())
  throw new TokensUnusable(`${place}: the token expires at ${expires}, the rehearsal may need it until ${needed}`)
}

function claimsOf(token: string, place: string): ReturnType<typeof decodeJwt> {
  try {
    return decodeJwt(token)
  } catch {
    throw new TokensUnusable(`${place}: the token is no JWT`)
  }
}
