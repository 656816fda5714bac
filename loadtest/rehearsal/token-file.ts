import { decodeJwt } from "jose"
import * as z from "zod"

/** The tokens of the shoppers or of the manager cannot be used for a rehearsal. No message quotes a token. */
export class TokensUnusable extends Error {
  override readonly name = "TokensUnusable"
}

const Login = z.object({ sub: z.string().min(1), access_token: z.string().min(1) })

/**
 * Reads shoppers who have logged in already, one JSON object `{"sub": ..., "access_token": ...}` in each line of the file;
 * loadtest/k6 reads the same file. The last token of a shopper counts, so that new logins can be appended.
 *
 * @param shoppers the number of different shoppers needed, one token each, because a user may have one unit only
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
  if (tokens.size < shoppers)
    throw new TokensUnusable(`the file has tokens of ${tokens.size} shoppers, but the rehearsal needs ${shoppers}`)
  const used = [...tokens].slice(0, shoppers)
  return used.map(([sub, { token, place }]) => {
    if (assertLasts(token, neededUntil, place) === sub) return token
    throw new TokensUnusable(`${place}: the token belongs to another user than its "sub"`)
  })
}

/** Reads the manager's token from a text that contains nothing else. @throws TokensUnusable */
export function adminTokenOf(text: string, neededUntil: Date): string {
  const token = text.trim()
  assertLasts(token, neededUntil, "the admin token")
  return token
}

function loginIn(line: string, place: string): z.infer<typeof Login> {
  const parsed = Login.safeParse(jsonOf(line))
  if (parsed.success) return parsed.data
  throw new TokensUnusable(`${place} is not {"sub": "...", "access_token": "..."}`)
}

/** The parser's own message is left out, because it quotes its input. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Reads a token without checking its signature, which the system checks. @returns its subject */
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
    throw new TokensUnusable(`${place}: the token is not a JWT`)
  }
}
