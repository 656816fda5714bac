import type { Tier } from "./token-bucket.ts"

/**
 * The signals of a script, and their weights. Each signal is true of some people, so no signal flags a client by itself. A shared
 * address alone can cause `crowd`, so `crowd` together with one other signal flags nobody either (asserted below). `lately` is
 * not a signal of the request: it says that several signals came within the last minute.
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
  /** More new requests in a minute than a person, or the people of one source, can need. */
  busy: 45,
  /** Many users with one TLS client behind one address. */
  crowd: 20,
  /**
   * The client was flagged within the last minute: a signal that comes and goes must not admit it in between.
   */
  lately: 105,
} as const
export type Signal = keyof typeof signalWeights

/** Signals that need several requests. */
export const behaviourSignals = ["regular", "busy", "crowd", "lately"] as const
export type BehaviourSignal = (typeof behaviourSignals)[number]
export type RequestSignal = Exclude<Signal, BehaviourSignal>

/** The weight that flags a client, by tier of the token. A higher tier needs more weight; tier 1 needs none. */
export const suspicionThresholds: Readonly<Record<Tier, number>> = { 1: 0, 2: 80, 3: 90, 4: 105 }

const lowestThreshold = suspicionThresholds[2]
for (const [signal, weight] of Object.entries(signalWeights)) {
  if (signal === "lately") continue
  const withTheAddress = signal === "crowd" ? weight : weight + signalWeights.crowd
  if (withTheAddress >= lowestThreshold) throw new Error(`${signal} alone, or with a shared address, would flag a client`)
}

/** The client of a request, as far as the request shows it. */
export interface Client {
  /** The tier that the token claims. */
  readonly tier: Tier
  readonly signals: readonly RequestSignal[]
  /** Pseudonym of the TLS client and its address; undefined where the edge sends neither. */
  readonly source?: string
}

export interface Verdict {
  /** The tier that the rate limiter uses: 1 for a flagged client, for any claim of its token. */
  readonly tier: Tier
  readonly signals: readonly Signal[]
}

/** The weight of the signals of one request. */
export const weightOf = (signals: readonly Signal[]): number =>
  [...new Set(signals)].reduce((sum, signal) => sum + signalWeights[signal], 0)

/** Weighs all signals of a client. The Redis script `admit` follows the same rule, because it needs the result for its answer. */
export function judge({ tier, signals }: Client, behaviour: readonly BehaviourSignal[]): Verdict {
  const all = [...signals, ...behaviour]
  return { tier: weightOf(all) >= suspicionThresholds[tier] ? 1 : tier, signals: all }
}
