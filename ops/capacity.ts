import { type Need, needsAt } from "../lib/capacity/at-scale.ts"
import { partitionRecordsPerSecond, unitsForSale } from "../lib/capacity/demand.ts"
import { bottleneckOf, headroom, type Part } from "../lib/capacity/headroom.ts"
import { plannedCycle, type Spike, spike, type WriterQueue, writerQueue } from "../lib/capacity/writer-queue.ts"
import type { StageConfig } from "../lib/config.ts"
import { findingText } from "../lib/guardrails/finding.ts"
import { findingsOf } from "../lib/guardrails/guardrails.ts"
import { stageNamed } from "../lib/stages.ts"

/** The greatest scale in question, over many SKUs. */
const manySkusPerSecond = 1_000_000
/** The service level of a write (NFR-2), and the part of it that admission and the send to Kafka take. */
const decisionLevelMs = 120
const admitAndProduceMs = 10
const nameWidth = 40
const numberWidth = 16

export interface CapacityOptions {
  readonly stage: string
  /** Rates to use instead of the declared ones. */
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

/** Computes how a stage carries its declared peak, or other rates. @throws Error for an unknown stage */
export function capacityOf(options: CapacityOptions): CapacityAnswer {
  const config = profiled(options)
  const cycle = { ...plannedCycle, batchRecords: config.eventSources["inventory-batch-writer"].batchSize }
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
  if (decisionMs === undefined) return "The queue of the hottest SKU grows without end while this rate lasts."
  const endToEndMs = decisionMs.p95 + admitAndProduceMs
  const held = endToEndMs <= decisionLevelMs
  return `Request to decision at this steady rate: p95 ${endToEndMs.toFixed(0)} ms, ${held ? "within" : "MORE than"} the ${decisionLevelMs} ms of the service level${held ? "." : "; once the units are gone, when most shoppers come, admission refuses requests at once."}`
}

/** The answer as text. */
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
    "The queue of the hottest SKU (gated batch service, lib/capacity/writer-queue.ts)",
    row("writer busy with records", percent(line.utilisation)),
    row("deliveries filled", percent(line.occupancy), `${number(line.recordsPerDelivery)} records`, `${ms(line.cycleMs)} each`),
    row("", "p50", "p95", "p99"),
    row("wait in the queue", ms(line.waitMs?.p50), ms(line.waitMs?.p95), ms(line.waitMs?.p99)),
    row("acknowledgement to decision", ms(line.decisionMs?.p50), ms(line.decisionMs?.p95), ms(line.decisionMs?.p99)),
    levelText(line),
    `Spike: ${number(first.records)} requests enter the queue before admission knows that the units are gone. The queue holds ${number(first.longestLine)} requests at most, and the last of them waits ${ms(first.lastInLineMs)}.`,
    "",
    `What ${number(manySkusPerSecond)} reservations/s over many SKUs would need`,
    ...needs.map(({ part, needed, unit, because }) => `${row(part, number(needed))}  ${unit}: ${because}`),
    "Split the database first: one write-ahead log cannot carry these rates. A SKU stays on one partition and one database.",
    ...(findings.length > 0 ? ["", "Guardrails that stop this stage at these rates", ...findings] : []),
  ].join("\n")
}

/** `ops capacity`: prints how a stage carries its peak. @returns whether every guardrail allows the rates */
export function printCapacity(options: CapacityOptions, json: boolean): boolean {
  const answer = capacityOf(options)
  console.log(json ? JSON.stringify(answer) : capacityText(answer))
  return answer.findings.length === 0
}
