import { type BrokenPromise, inFile } from "../mutant.ts"

const sale = inFile("lib/alarms/sale.ts", "observability")
const metrics = inFile("lib/alarms/metric-spec.ts", "observability")
const alarms = inFile("lib/constructs/alarms.ts", "observability")
const dashboard = inFile("lib/constructs/dashboard.ts", "observability")

/** What an alarm says and to whom, and what the dashboard shows. */
export const alertingMutants: readonly BrokenPromise[] = [
  {
    promise: "alarms reach the right people",
    mutants: [
      { ...metrics, name: "a minute instead of ten seconds", replace: "fastSeconds = 10", with: "fastSeconds = 60" },
      { ...metrics, name: "five minutes instead of one", replace: "minuteSeconds = 60", with: "minuteSeconds = 300" },
      { ...metrics, name: "missing data of one part hides the others", replace: "`FILL(${name}, ${silent})`", with: "name" },
      { ...alarms, name: "all go to P2", replace: "topics.byPriority[definition.priority]", with: "topics.byPriority.P2" },
      {
        ...alarms,
        name: "a symptom pages beside its cause",
        replace: "causes === undefined ? alarm : this.#withoutSymptoms",
        with: "causes === undefined || causes.length > 0 ? alarm : this.#withoutSymptoms",
      },
      {
        ...alarms,
        name: "a backlog pages after its cause",
        replace: "Duration.seconds(causeExtensionSeconds)",
        with: "Duration.seconds(causeWaitSeconds)",
      },
      { ...alarms, name: "a failed deployment is nobody's business", replace: "    alarm.addAlarmAction(action)\n", with: "" },
      { ...alarms, name: "no message when the alarm ends", replace: "    notifying.addOkAction(action)\n", with: "" },
      {
        ...alarms,
        name: "a topic has no subscriber",
        replace: "topic.addSubscription(new EmailSubscription(address))",
        with: "void new EmailSubscription(address)",
      },
      { ...alarms, name: "topics are not encrypted", replace: "        masterKey: key,\n", with: "" },
      { ...alarms, name: "plain HTTP is allowed", replace: "        enforceSSL: true,\n", with: "" },
      {
        ...alarms,
        name: "CloudWatch may not publish",
        replace: "      topic.grantPublish(alarms)\n",
        with: "      if (priority === 'P0') topic.grantPublish(alarms)\n",
      },
      {
        ...alarms,
        name: "a longer evaluation period",
        replace: "evaluationPeriods: datapoints",
        with: "evaluationPeriods: 3 * datapoints",
      },
      {
        ...alarms,
        name: "missing data is fine",
        replace: 'silence === "fine" ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING',
        with: "silence === 'fine' ? TreatMissingData.IGNORE : TreatMissingData.BREACHING",
      },
      { ...alarms, name: "no link to the runbook", replace: ". Runbook: ${runbookUrl(stage, heading)}`", with: ".`" },
      {
        ...alarms,
        name: "a heading that does not exist",
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
        name: "streams before shoppers",
        replace: [
          '  ["What do shoppers see?", whatDoShoppersSee(props)],',
          '  ["How far are the streams?", howFarAreTheStreams()],',
        ],
        with: [
          '  ["How far are the streams?", howFarAreTheStreams()],',
          '  ["What do shoppers see?", whatDoShoppersSee(props)],',
        ],
      },
      {
        ...dashboard,
        name: "a question with the graphs of another",
        replace: '["Is it oversold?", isItOversold()]',
        with: '["Is it oversold?", howDeepIsTheQueue()]',
      },
      {
        ...dashboard,
        name: "oversell is missing",
        replace: 'values("Units that do not exist", saleMetric("inventory.oversell"',
        with: 'values("Units that do not exist", saleMetric("inventory.undersell"',
      },
      {
        ...dashboard,
        name: "a metric of no function",
        replace: 'saleMetric("queue.depth", "expiry-sweeper"',
        with: 'saleMetric("queue.depth", "nobody" as never',
      },
      {
        ...dashboard,
        name: "alarms are missing",
        replace: "alarms: [...props.alarms]",
        with: "alarms: [...props.alarms].slice(0, 1)",
      },
      {
        ...dashboard,
        name: "brokers are missing",
        replace: "...brokerMetrics(stage,",
        with: "...brokerMetrics({ ...stage, kafka: { ...stage.kafka, brokersPerZone: 0 } },",
      },
    ],
  },
]
