/** How long a verified token is remembered. A shopper asks every few seconds, so few of their requests verify again. */
export const rememberedMs = 60_000

interface Remembered<Caller> {
  readonly caller: Caller
  readonly untilMs: number
  /** Tokens that were remembered before this one was last used. */
  usedAt: number
}

/** The callers of tokens that were verified a moment ago. */
interface VerifiedTokens<Caller> {
  get(token: string): Caller | undefined
  /** @param expiresAtMs the token's own end, in milliseconds since the epoch */
  keep(token: string, caller: Caller, expiresAtMs: number): void
}

/**
 * Remembers at most `max` tokens; the one that was used longest ago makes room. A token in use moves to the young end only when
 * half of the others have come after it. To move it at each use makes a look-up take twice as long: the Map is rebuilt after many
 * removals.
 */
export function rememberTokens<Caller>(max: number): VerifiedTokens<Caller> {
  const tokens = new Map<string, Remembered<Caller>>()
  let kept = 0

  return {
    get(token) {
      const entry = tokens.get(token)
      if (entry === undefined) return undefined
      if (entry.untilMs <= Date.now()) {
        tokens.delete(token)
        return undefined
      }
      if (kept - entry.usedAt >= max / 2) {
        tokens.delete(token)
        tokens.set(token, entry)
        entry.usedAt = kept
      }
      return entry.caller
    },
    keep(token, caller, expiresAtMs) {
      tokens.delete(token)
      if (tokens.size >= max) tokens.delete(tokens.keys().next().value ?? "")
      kept += 1
      tokens.set(token, { caller, untilMs: Math.min(expiresAtMs, Date.now() + rememberedMs), usedAt: kept })
    },
  }
}
