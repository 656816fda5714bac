import { randomUUID } from "node:crypto"
import { outcomeCodes } from "../../core/domain/reservation.ts"
import type { Meter } from "../measure/meter.ts"
import type { BaselineDecision, BaselineRequest } from "./method.ts"

/** Decides on one connection. */
export type Decide = (request: BaselineRequest) => Promise<BaselineDecision>

/** The number of requests by outcome. */
export interface Counted {
  reserved: number
  refused: number
}

/**
 * Each connection decides one request after the other, each of another user, until the time is over.
 * @param counted the outcomes are added here
 */
export async function closedLoop(
  connections: readonly Decide[],
  skuNo: number,
  seconds: number,
  counted: Counted,
  meter?: Meter,
): Promise<void> {
  const endMs = performance.now() + seconds * 1_000
  const work = async (decide: Decide) => {
    for (let startMs = performance.now(); startMs < endMs; ) {
      const { outcome, attempts } = await decide({ id: randomUUID(), userId: randomUUID(), skuNo })
      if (outcome === outcomeCodes.reserved) counted.reserved += 1
      else counted.refused += 1
      const nowMs = performance.now()
      meter?.latency(nowMs - startMs)
      meter?.decided(1)
      meter?.attempted(attempts)
      startMs = nowMs
    }
  }
  await Promise.all(connections.map(work))
}
