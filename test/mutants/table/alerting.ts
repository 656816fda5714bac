import { type BrokenPromise, inFile } from "../mutant.ts"

const sale = inFile("lib/constructs/alarms/sale.ts", "observability")
const definition = inFile("lib/constructs/alarms/definition.ts", "observability")
const alarms = inFile("lib/constructs/alarms.ts", "observability")
const dashboard = inFile("lib/constructs/dashboard.ts", "observability")

/** What an alarm says and to whom, and what the dashboard shows. */
export const alertingMutants: readonly BrokenPromise[] = [
  {
    promise: "alarms reach whom they should",
    mutants: [
      { ...definition, name: "a minute instead of ten seconds", replace: "fastSeconds = 10", with: "fastSeconds = 60" },
      { ...definition, name: "five minutes instead of one", replace: "minuteSeconds = 60", with: "minuteSeconds = 300" },
      { ...definition, name: "a part that is silent silences all", replace: "`FILL(${name}, 0)`", with: "name" },
      { ...alarms, name: "all go to P2", replace: "topics.byPriority[priority]", with: "topics.byPriority.P2" },
      { ...alarms, name: "nobody hears of the end", replace: "    alarm.addOkAction(action)\n", with: "" },
      {
        ...alarms,
        name: "nobody reads a topic",
        replace: "topic.addSubscription(new EmailSubscription(address))",
        with: "void new EmailSubscription(address)",
      },
      { ...alarms, name: "topics are not encrypted", replace: "        masterKey: key,\n", with: "" },
      { ...alarms, name: "over plain HTTP", replace: "        enforceSSL: true,\n", with: "" },
      {
        ...alarms,
        name: "CloudWatch may not publish",
        replace: "      topic.grantPublish(alarms)\n",
        with: "      if (priority === 'P0') topic.grantPublish(alarms)\n",
      },
      {
        ...alarms,
        name: "three of many datapoints",
        replace: "evaluationPeriods: datapoints",
        with: "evaluationPeriods: 3 * datapoints",
      },
      {
        ...alarms,
        name: "silence is fine",
        replace: 'silence === "fine" ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING',
        with: "silence === 'fine' ? TreatMissingData.IGNORE : TreatMissingData.BREACHING",
      },
      { ...alarms, name: "no way to the runbook", replace: ". Runbook: ${runbookUrl(stage, heading)}`", with: ".`" },
      {
        ...alarms,
        name: "a heading that is not there",
        replace: "RUNBOOK.md#${heading.toLowerCase()}`",
        with: "RUNBOOK.md#the-${heading.toLowerCase()}`",
      },
      {
        ...sale,
        killedBy: "templates",
        name: "an alarm without a heading",
        replace: 'heading: "RelayLate"',
        with: 'heading: "RelayIsLate"',
      },
    ],
  },
  {
    promise: "the dashboard is read from top to bottom",
    mutants: [
      {
        ...dashboard,
        name: "parts before shoppers",
        replace: [
          '  ["What do shoppers see?", whatDoShoppersSee(props)],',
          '  ["What do the parts say?", whatDoThePartsSay(props)],',
        ],
        with: [
          '  ["What do the parts say?", whatDoThePartsSay(props)],',
          '  ["What do shoppers see?", whatDoShoppersSee(props)],',
        ],
      },
      {
        ...dashboard,
        name: "a question of another answer",
        replace: '["Is it oversold?", isItOversold()]',
        with: '["Is it oversold?", howDeepIsTheLine()]',
      },
      {
        ...dashboard,
        name: "oversold is not on it",
        replace: 'values("Units that do not exist", saleMetric("inventory.oversell"',
        with: 'values("Units that do not exist", saleMetric("inventory.undersell"',
      },
      {
        ...dashboard,
        name: "a metric of nobody",
        replace: 'saleMetric("queue.depth", "expiry-sweeper"',
        with: 'saleMetric("queue.depth", "nobody" as never',
      },
      {
        ...dashboard,
        name: "no alarms on it",
        replace: "alarms: [...props.alarms]",
        with: "alarms: [...props.alarms].slice(0, 1)",
      },
      {
        ...dashboard,
        name: "brokers are not on it",
        replace: "...brokerMetrics(stage.kafka,",
        with: "...brokerMetrics({ ...stage.kafka, brokersPerZone: 0 },",
      },
    ],
  },
]
