import { Duration } from "aws-cdk-lib"
import { type IMetric, MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch"
import { isFormula, type MetricSpec } from "../alarms/metric-spec.ts"

/** CloudWatch's metric, or metric math, for a description. */
export function cloudWatchMetric(spec: MetricSpec): IMetric {
  const period = Duration.seconds(spec.seconds)
  if (isFormula(spec)) {
    const usingMetrics = Object.fromEntries(Object.entries(spec.metrics).map(([name, one]) => [name, cloudWatchMetric(one)]))
    return new MathExpression({ expression: spec.expression, usingMetrics, period })
  }
  const { namespace, name, dimensions, statistic } = spec
  return new Metric({ namespace, metricName: name, dimensionsMap: dimensions, statistic, period })
}
