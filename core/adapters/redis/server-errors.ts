/**
 * Words with which a server refuses a command for the state it is in, whatever the command says. Inside a script or a pipeline
 * they come as the error of that one command: the connection stays up and PING passes.
 */
const stateWords = [
  ...["READONLY", "MASTERDOWN", "OOM", "BUSY", "LOADING", "NOSCRIPT", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "NOREPLICAS"],
  ...["NOAUTH", "WRONGPASS"],
]
/** Servers before version 7 wrap the error of a script in one of their own: `ERR Error running script (...): -READONLY ...`. */
const stateWord = new RegExp(`(?:^|[ -])(${stateWords.join("|")})\\b`)

/** How ioredis names, by message only, that there is no connection or no answer in time. */
const connectionMessage = /connection is (?:in )?closed|command timed out|stream isn't writeable|max retries per request/i

/** Redis did not take a call, or is known not to. */
export class RedisAway extends Error {
  override readonly name = "RedisAway"
}

/** The word with which the server says that it cannot serve in the state it is in; undefined for any other error. */
export function serverStateIn(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined
  return stateWord.exec(error.message)?.[1]
}

/** True when the server is a replica: after a failover another server is the primary, and a new connection leads there. */
export function isNotPrimary(error: unknown): boolean {
  const word = serverStateIn(error)
  return word === "READONLY" || word === "MASTERDOWN"
}

/** True when the server is well and refuses a call for what it says: a fault of ours, which no waiting mends. */
export const isRefusedCall = (error: unknown): boolean =>
  error instanceof Error && error.name === "ReplyError" && serverStateIn(error) === undefined

/** True when Redis cannot be reached, does not answer in time, or refuses for the state it is in: a later try may pass. */
export const isRedisUnavailable = (error: unknown): boolean =>
  error instanceof RedisAway ||
  serverStateIn(error) !== undefined ||
  (error instanceof Error && connectionMessage.test(error.message))
