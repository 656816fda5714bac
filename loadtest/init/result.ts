import { readFileSync } from "node:fs"
import * as z from "zod"

const Cost = z.number().nonnegative()

/** The functions that are measured: the path of a purchase, and the writer behind it. */
export const measuredFunctions = ["reserve", "availability", "reservation", "checkout", "batch-writer"] as const
export type MeasuredFunction = (typeof measuredFunctions)[number]

/** The requests of which the time is shown: the n-th of a new environment. */
export const marks = [1, 10, 100, 1_000] as const

/** Time on a whole core, and the processor time in it. */
export const Span = z.strictObject({ ms: Cost, cpu_ms: Cost })
export type Span = z.infer<typeof Span>

/** One function in one new environment. */
export const InitResult = z.strictObject({
  name: z.literal("init"),
  function: z.enum(measuredFunctions),
  warm_up: z.enum(["on", "off"]),
  memory_mb: z.int().positive(),
  /** The part of a core that Lambda gives for this memory, at most one. */
  core_share: z.number().positive().max(1),
  import: Span,
  open: Span,
  warm: Span,
  /** By number; a mark above the number of requests is left out. */
  requests: z.record(z.string(), Span),
})
export type InitResult = z.infer<typeof InitResult>

/** A results file of `bench init`. */
export const InitRun = z.strictObject({
  at: z.iso.datetime(),
  machine: z.strictObject({ cores: z.int().positive(), processor: z.string(), memoryMiB: z.int().positive(), node: z.string() }),
  results: z.array(InitResult).min(1),
})
export type InitRun = z.infer<typeof InitRun>

/** @throws when the file does not exist or is no run of this kind */
export const readInitRun = (file: string): InitRun => InitRun.parse(JSON.parse(readFileSync(file, "utf8")))

const memoryOfOneCoreMb = 1_769

/** Lambda gives a function a part of a core in proportion to its memory. More than one core does not help a single request. */
export const coreShareOf = (memoryMb: number): number => Math.min(1, memoryMb / memoryOfOneCoreMb)

/** The time at a share of a core: a quota lets the processor time last longer, and leaves waits as they are. */
export const atShare = ({ ms, cpu_ms: cpuMs }: Span, share: number): number => ms + Math.min(ms, cpuMs) * (1 / share - 1)
