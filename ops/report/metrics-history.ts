import type { OneMetric } from "../../lib/alarms/metric-spec.ts"
import type { Window } from "./window.ts"

/** One value for each interval of a window; undefined where nothing was measured. */
export type Series = readonly (number | undefined)[]

/** What the functions measured: CloudWatch's memory of a deployed stage, or the files of the local system. */
export interface MetricsHistory {
  /** A sentence: where the values come from. */
  readonly source: string
  /** The shortest interval, in seconds, for which values of a window that begins then are kept. */
  leastSeconds(fromMs: number, nowMs: number): number
  /**
   * One series for each metric, in their order. The period of a metric is replaced by the window's interval; metrics of AWS have
   * one value a minute, which stands in the interval that it begins in.
   */
  read(metrics: readonly OneMetric[], window: Window): Promise<readonly Series[]>
}
