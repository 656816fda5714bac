import type { Effort } from "./machine.ts"
import type { FirstPhase } from "./sale.ts"

/** How the machine of the load generator bore the rush. */
export interface Load {
  readonly isOverloaded: boolean
  readonly generatorLateP95Ms: number
  /** The share of the requests due by the end of the first phase that were answered by then. */
  readonly answeredShare: number
  readonly machineBusyShare: number
  readonly runQueuePerCore?: number
}

/**
 * A generator that is later than this was kept from the processor. Half of it alone would be most of what a decision may take.
 */
export const maxGeneratorLateMs = 50
/**
 * With fewer answers in the first phase, requests pile up: at the shape's ten seconds, a shopper waits half a second on average.
 */
export const leastAnsweredShare = 0.95
/** If cores are idle, a pile of requests shows a slow system and not an overloaded machine. */
const busyShare = 0.9

/** Decides whether the figures of a sale show the system, or a machine that had too much to do. */
export function loadOf(effort: Effort, { due, answered }: FirstPhase, generatorLateP95Ms: number): Load {
  const { machineBusyShare, runQueuePerCore } = effort
  const answeredShare = due === 0 ? 1 : answered / due
  const isPiledUp = answeredShare < leastAnsweredShare && machineBusyShare >= busyShare
  return {
    isOverloaded: generatorLateP95Ms > maxGeneratorLateMs || isPiledUp,
    generatorLateP95Ms,
    answeredShare,
    machineBusyShare,
    ...(runQueuePerCore !== undefined && { runQueuePerCore }),
  }
}

/** One or two sentences about the machine. */
export function loadSentence({
  isOverloaded,
  generatorLateP95Ms,
  answeredShare,
  machineBusyShare,
  runQueuePerCore,
}: Load): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const measures = [
    `the load generator was ${generatorLateP95Ms.toFixed(0)} ms late (p95)`,
    `the cores were ${percent(machineBusyShare)} busy`,
    ...(runQueuePerCore === undefined ? [] : [`${runQueuePerCore.toFixed(1)} threads ran or waited for each core`]),
    `${percent(answeredShare)} of the requests due in the first phase were answered in it`,
  ].join(", ")
  return isOverloaded
    ? `THE MACHINE WAS OVERLOADED: ${measures}. The latencies show the overload, not the system; a lower --peak shows the system.`
    : `The machine kept up: ${measures}.`
}
