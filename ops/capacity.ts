import { type Need, needsAt } from "../lib/capacity/at-scale.ts"
import { partitionRecordsPerSecond, unitsForSale } from "../lib/capacity/demand.ts"
import { bottleneckOf, headroom, type Part } from "../lib/capacity/headroom.ts"
import { plannedCycle, type Spike, spike, type WriterQueue, writerQueue } from "../lib/capacity/writer-queue.ts"
import type { StageConfig } from "../lib/config.ts"
import { findingText } from "../lib/guardrails/finding.ts"
import { findingsOf } from "../lib/guardrails/guardrails.ts"
import { stageNamed } from "../lib/stages.ts"

/** The scale that the product is asked about. */
const manySkusPerSecond = 1_000_000
/** The service level of a write (NFR-2) and what admission and produce take of it. */
const decisionLevelMs = 120
const admitAndProduceMs = 10
const nameWidth = 40
const numberWidth = 16

export interface CapacityOptions {
  readonly stage: string
  /** What-if rates instead of the declared ones. */
  readonly reservationsPerSecond?: number
  readonly readsPerSecond?: number
}

export interface CapacityAnswer {
  readonly stage: string
  readonly parts: readonly Part[]
  readonly bottleneck?: Part
  readonly line: WriterQueue
  readonly spike: Spike
  readonly needs: readonly Need[]
  readonly findings: readonly string[]
}

function profiled({ stage, reservationsPerSecond, readsPerSecond }: CapacityOptions): StageConfig {
  const config = stageNamed(stage)
  const { capacity } = config
  return {
    ...config,
    capacity: {
      ...capacity,
      peakReservationsPerSecond: reservationsPerSecond ?? capacity.peakReservationsPerSecond,
      peakReadsPerSecond: readsPerSecond ?? capacity.peakReadsPerSecond,
    },
  }
}

/** How a stage carries its declared peak, or another one. @throws Error for an unknown stage */
export function capacityOf(options: CapacityOptions): CapacityAnswer {
  const config = profiled(options)
  const cycle = { ...plannedCycle, batchRecords: config.eventSources.reservationRequests.batchSize }
  const recordsPerSecond = partitionRecordsPerSecond(config)
  const parts = headroom(config)
  const bottleneck = bottleneckOf(parts)
  return {
    stage: config.name,
    parts,
    ...(bottleneck && { bottleneck }),
    line: writerQueue(recordsPerSecond, cycle),
    spike: spike(recordsPerSecond, unitsForSale(config), cycle),
    needs: needsAt(config, manySkusPerSecond),
    findings: findingsOf(config).map((finding) => findingText(config.name, finding)),
  }
}

const number = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 })
const percent = (share: number) => `${(share * 100).toFixed(0)} %`
const ms = (value: number | undefined) => (value === undefined ? "without end" : `${value.toFixed(0)} ms`)
const row = (name: string, ...cells: readonly string[]) =>
  name.padEnd(nameWidth) + cells.map((cell) => cell.padStart(numberWidth)).join("")

function levelText({ decisionMs }: WriterQueue): string {
  if (decisionMs === undefined) return "The line of the hottest SKU grows without end for as long as this rate lasts."
  const endToEndMs = decisionMs.p95 + admitAndProduceMs
  const held = endToEndMs <= decisionLevelMs
  return `Request to decision at this steady rate: p95 ${endToEndMs.toFixed(0)} ms, ${held ? "within" : "MORE than"} the ${decisionLevelMs} ms of the service level${held ? "." : "; admission refuses losers at once when the units are gone, which is when most shoppers come."}`
}

/** The answer for people. */
export function capacityText({ stage, parts, bottleneck, line, spike: first, needs, findings }: CapacityAnswer): string {
  return [
    `CAPACITY of stage "${stage}" at its peak (a model: nothing here was measured on AWS)`,
    row("part", "demand", "limit", "used", "grows by"),
    ...parts.map(
      ({ name, demand, limit, utilisation, unit }) =>
        `${row(name, number(demand), number(limit), percent(utilisation), `${(1 / utilisation).toFixed(1)} x`)}  ${unit}`,
    ),
    bottleneck
      ? `Bottleneck: ${bottleneck.name}; it is full at ${(1 / bottleneck.utilisation).toFixed(2)} times these rates.`
      : "",
    "",
    "The line of the hottest SKU (gated batch service, lib/capacity/writer-queue.ts)",
    row("writer busy with records", percent(line.utilisation)),
    row("deliveries filled", percent(line.occupancy), `${number(line.recordsPerDelivery)} records`, `${ms(line.cycleMs)} each`),
    row("", "p50", "p95", "p99"),
    row("wait in line", ms(line.waitMs?.p50), ms(line.waitMs?.p95), ms(line.waitMs?.p99)),
    row("acknowledgement to decision", ms(line.decisionMs?.p50), ms(line.decisionMs?.p95), ms(line.decisionMs?.p99)),
    levelText(line),
    `Spike: ${number(first.records)} requests get in line before admission knows that the units are gone; the line is ${number(first.longestLine)} long at most, the last in it waits ${ms(first.lastInLineMs)}.`,
    "",
    `What ${number(manySkusPerSecond)} reservations/s over many SKUs would take`,
    ...needs.map(({ part, needed, unit, because }) => `${row(part, number(needed))}  ${unit}: ${because}`),
    "The database is what must be split first: one write-ahead log cannot carry them. One SKU stays on one partition and one database.",
    ...(findings.length > 0 ? ["", "Guardrails that stop this stage at these rates", ...findings] : []),
  ].join("\n")
}

/** `ops capacity`: prints how a stage carries its peak. @returns whether every guardrail lets the rates through */
export function printCapacity(options: CapacityOptions, json: boolean): boolean {
  const answer = capacityOf(options)
  console.log(json ? JSON.stringify(answer) : capacityText(answer))
  return answer.findings.length === 0
}
