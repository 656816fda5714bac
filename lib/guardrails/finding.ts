import type { StageConfig } from "../config.ts"

/** What a guardrail found wrong with a stage, written for the engineer who repairs it. */
export interface Finding {
  /** What failed and the value given, as a sentence. */
  readonly found: string
  /** The limit, as a sentence without its subject. */
  readonly allowed: string
  /** What to change. */
  readonly fix: string
}

/** A rule that a stage must keep to be deployed. It is pure, so that a test can break it. */
export type Guardrail = (config: StageConfig) => readonly Finding[]

/** One finding when `broken`, else none. */
export const when = (broken: boolean, finding: () => Finding): readonly Finding[] => (broken ? [finding()] : [])

/** A number as people read it: 25,000 or 5.5. */
export const plain = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 2 })
/** Bytes a second as MB/s with one decimal. */
export const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)
export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** The text of a finding, as the synth prints it. */
export const findingText = (stage: string, { found, allowed, fix }: Finding): string =>
  `Stage "${stage}": ${found}\n  Allowed: ${allowed} ${fix}`
