import type { Tier } from "./token-bucket.ts"

/**
 * What tells a script from a person, and how much each weighs. Each of them is true of some people, so none suspects anybody by
 * itself, and `crowd`, which a shared address alone can bring about, not even together with any other one (asserted below).
 * `lately` is not one of them but the memory of several.
 */
export const signalWeights = {
  /** The account is younger than a day. */
  "new-account": 15,
  /** The edge has not seen this client solve the page's challenge: no page was read before. */
  "no-visit": 45,
  /** Headers that no browser sends. */
  "odd-headers": 30,
  /** A TLS hello that no browser sends; a proxy that reads an office's traffic does. */
  "odd-hello": 40,
  /** The edge counts many writes of one TLS client in one network. */
  "edge-fingerprint": 30,
  /** The edge takes the client for an automaton. */
  "edge-bot": 50,
  /** Requests come as evenly as a timer's. */
  regular: 45,
  /** More new requests in a minute than a person, or the people of one source, have a use for. */
  busy: 45,
  /** Many users with one TLS client behind one address. */
  crowd: 20,
  /**
   * He was a suspect within the last minute, for several signals: one that comes and goes must not let him through in between.
   */
  lately: 105,
} as const
export type Signal = keyof typeof signalWeights

/** What only becomes clear from several requests. */
export const behaviourSignals = ["regular", "busy", "crowd", "lately"] as const
export type BehaviourSignal = (typeof behaviourSignals)[number]
export type RequestSignal = Exclude<Signal, BehaviourSignal>

/** The weight of signals that is too much, by tier of the token: trust once earned takes more to lose, and tier 1 has none. */
export const suspicionThresholds: Readonly<Record<Tier, number>> = { 1: 0, 2: 80, 3: 90, 4: 105 }

const lowestThreshold = suspicionThresholds[2]
for (const [signal, weight] of Object.entries(signalWeights)) {
  if (signal === "lately") continue
  const withTheAddress = signal === "crowd" ? weight : weight + signalWeights.crowd
  if (withTheAddress >= lowestThreshold) throw new Error(`${signal} alone, or with a shared address, would flag a client`)
}

/** The client that asks, as far as its request tells. */
export interface Client {
  /** The tier that the token claims. */
  readonly tier: Tier
  readonly signals: readonly RequestSignal[]
  /** Pseudonym of the TLS client and its address; undefined where the edge tells neither. */
  readonly source?: string
}

export interface Verdict {
  /** What the rate limiter goes by: 1 for a flagged client, whatever its token claims. */
  readonly tier: Tier
  readonly signals: readonly Signal[]
}

/** The weight of what a request says by itself. */
export const weightOf = (signals: readonly Signal[]): number =>
  [...new Set(signals)].reduce((sum, signal) => sum + signalWeights[signal], 0)

/** Weighs everything that is known of a client. The Redis script `admit` does the same, for it has to know before it answers. */
export function judge({ tier, signals }: Client, behaviour: readonly BehaviourSignal[]): Verdict {
  const all = [...signals, ...behaviour]
  return { tier: weightOf(all) >= suspicionThresholds[tier] ? 1 : tier, signals: all }
}
