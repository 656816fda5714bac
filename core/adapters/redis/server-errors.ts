/**
 * Error words of a server that refuses every command of a kind because of its own state. Inside a script or a pipeline they are
 * the error of that one command: the connection stays up and PING succeeds.
 */
const stateWords = [
  ...["READONLY", "MASTERDOWN", "OOM", "BUSY", "LOADING", "NOSCRIPT", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "NOREPLICAS"],
  ...["NOAUTH", "WRONGPASS"],
]
/** Servers before version 7 wrap the error of a script in one of their own: `ERR Error running script (...): -READONLY ...`. */
const stateWord = new RegExp(`(?:^|[ -])(${stateWords.join("|")})\\b`)

/** The messages of ioredis for no connection, or no answer in time. These errors have no code. */
const connectionMessage = /connection is (?:in )?closed|command timed out|stream isn't writeable|max retries per request/i

/** Redis did not take a call, or it is away and the call was not made. */
export class RedisAway extends Error {
  override readonly name = "RedisAway"
}

/** The word of a server that cannot serve in its present state; undefined for any other error. */
export function serverStateIn(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined
  return stateWord.exec(error.message)?.[1]
}

/** True when the server is a replica: after a failover another server is the primary, and a new connection leads there. */
export function isNotPrimary(error: unknown): boolean {
  const word = serverStateIn(error)
  return word === "READONLY" || word === "MASTERDOWN"
}

/** True when the server works and refuses the call itself: this is a fault in our code, and a retry does not help. */
export const isRefusedCall = (error: unknown): boolean =>
  error instanceof Error && error.name === "ReplyError" && serverStateIn(error) === undefined

/** True when Redis cannot be reached, does not answer in time, or refuses because of its state: a later try may succeed. */
export const isRedisUnavailable = (error: unknown): boolean =>
  error instanceof RedisAway ||
  serverStateIn(error) !== undefined ||
  (error instanceof Error && connectionMessage.test(error.message))
