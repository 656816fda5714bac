import { readFileSync } from "node:fs"
import { App } from "aws-cdk-lib"
import { Template } from "aws-cdk-lib/assertions"
import { expect, test } from "vitest"
import { metricUnits } from "../../core/contracts/metrics.ts"
import { isFormula, type MetricSpec, type OneMetric, saleNamespace } from "../../lib/alarms/metric-spec.ts"
import { stageAlarms } from "../../lib/alarms/stage-alarms.ts"
import { ObservabilityStack } from "../../lib/stacks/observability.ts"
import { stages } from "../../lib/stages.ts"
import { emissionsIn, emittedMetrics, namesInOperatorsCode, reported } from "./emitted-metrics.ts"

const parts = { clusterName: "c", databaseIdentifier: "d", cacheMembers: ["m"], replicaIdentifiers: ["r"] }
const metricsIn = (spec: MetricSpec): OneMetric[] => (isFormula(spec) ? Object.values(spec.metrics).flatMap(metricsIn) : [spec])

/** Our own metrics that the alarms of any stage read. */
const alarmed = new Set(
  Object.values(stages)
    .flatMap((stage) => stageAlarms(stage, { apiId: "api", parts }))
    .flatMap(({ metric }) => metricsIn(metric))
    .filter(({ namespace }) => namespace === saleNamespace)
    .map(({ name, dimensions: { service = "", ...labels } }) => reported(name, service, Object.keys(labels))),
)

/** Our own metrics on the dashboard: named one by one, or searched for by SKU. */
function graphed(): ReadonlySet<string> {
  const stack = new ObservabilityStack(new App(), "Observability", {
    env: { region: stages.prod.region },
    ...{ stage: stages.prod, apiId: "api", parts, deployAlarmNames: ["deploy"] },
  })
  const body = JSON.stringify(Template.fromStack(stack).findResources("AWS::CloudWatch::Dashboard")).replaceAll("\\", "")
  const named = [...body.matchAll(/"FlashSale","([\w.-]+)"((?:,"[\w-]+","[\w-]+")+)/g)].map(([, name = "", pairs = ""]) => {
    const fields = [...pairs.matchAll(/,"([\w-]+)","([\w-]+)"/g)].map(([, key = "", value = ""]) => [key, value] as const)
    const { service = "", ...labels } = Object.fromEntries(fields)
    return reported(name, service, Object.keys(labels))
  })
  const searched = [...body.matchAll(/MetricName="([\w.-]+)" service="([\w-]+)"/g)].map(([, name = "", service = ""]) =>
    reported(name, service, ["sku"]),
  )
  expect(searched.length).toBeGreaterThan(3)
  return new Set([...named, ...searched])
}

const runbook = readFileSync(new URL("../../docs/RUNBOOK.md", import.meta.url), "utf8")
const emitted = emittedMetrics()
const emittedNames = new Set([...emitted].map((each) => each.split(" ")[0] ?? ""))

test("every metric that an alarm reads is emitted by the function that the alarm names, with these labels", () => {
  expect([...alarmed].filter((each) => !emitted.has(each))).toEqual([])
})

test("every metric on the dashboard is emitted by the function that the graph names, with these labels", () => {
  expect([...graphed()].filter((each) => !emitted.has(each))).toEqual([])
})

test("every metric that the runbook names is emitted", () => {
  const families = new Set(Object.keys(metricUnits).map((name) => name.split(".")[0]))
  const isSetting = (path: string) =>
    path.split(".").reduce<unknown>((object, key) => (object as Record<string, unknown> | undefined)?.[key], stages.prod) !==
    undefined
  const named = [...runbook.matchAll(/`([a-z]+(?:[.-][a-z]+)*\.[a-z-]+(?:\.[a-z-]+)*)`/g)].map((found) => found[1] ?? "")
  const metrics = named.filter((name) => families.has(name.split(".")[0]) && !isSetting(name))
  expect(metrics.length).toBeGreaterThan(10)
  expect(metrics.filter((name) => !emittedNames.has(name))).toEqual([])
})

test("every metric in the list of units is emitted, and every emitted one is in it", () => {
  expect([...emittedNames].toSorted()).toEqual(Object.keys(metricUnits).toSorted())
})

test("somebody sees every emitted metric: an alarm, the dashboard, or the operators' report", () => {
  const seen = new Set([...alarmed, ...graphed()].map((each) => each.split(" ")[0]))
  const report = namesInOperatorsCode()
  expect([...emittedNames].filter((name) => !seen.has(name) && !report.includes(`"${name}"`)).toSorted()).toEqual([])
})

test("the search for emitters finds names, both names of a choice, labels, watched calls and counts of the whole API", () => {
  const text = `record("queue.depth", depth)
    count(isDead ? "produce.rate" : "produce.errors", batch.length)
    recordBy("consumer.lag", { group }, 1)
    countBy("admission.refused", { reason: admission.reason, tier: "1" })
    await watched("database", () => call())
    count("error.rate", 1, wholeApi)`
  expect(emissionsIn(text)).toEqual([
    { names: ["queue.depth"], labels: [], isForApi: false },
    { names: ["produce.rate", "produce.errors"], labels: [], isForApi: false },
    { names: ["consumer.lag"], labels: ["group"], isForApi: false },
    { names: ["admission.refused"], labels: ["reason", "tier"], isForApi: false },
    { names: ["database.timed", "database.slow"], labels: [], isForApi: false },
    { names: ["error.rate"], labels: [], isForApi: true },
  ])
})
