import { Duration } from "aws-cdk-lib"
import { GraphWidget, type IMetric, MathExpression, SingleValueWidget } from "aws-cdk-lib/aws-cloudwatch"
import type { MetricName } from "../../core/contracts/metrics.ts"
import { fastSeconds, type MetricSpec, saleNamespace } from "../alarms/metric-spec.ts"
import type { FunctionName } from "../config.ts"
import { cloudWatchMetric } from "./cloud-watch-metric.ts"

/** The metrics of each SKU in motion. A dashboard can search for them; an alarm cannot. */
export const ofEverySku = (name: MetricName, service: FunctionName, statistic: string): IMetric =>
  new MathExpression({
    expression: `SEARCH('{${saleNamespace},service,sku} MetricName="${name}" service="${service}"', '${statistic}', ${fastSeconds})`,
    label: "",
    period: Duration.seconds(fastSeconds),
    usingMetrics: {},
  })

export const values = (title: string, ...metrics: MetricSpec[]) =>
  new SingleValueWidget({ title, metrics: metrics.map(cloudWatchMetric), width: 8, height: 4 })
export const searched = (title: string, metric: IMetric) => new GraphWidget({ title, left: [metric], width: 8, height: 6 })
export const graph = (title: string, ...left: MetricSpec[]) =>
  new GraphWidget({ title, left: left.map(cloudWatchMetric), width: 8, height: 6 })
