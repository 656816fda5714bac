import { type BrokenPromise, inFile } from "../mutant.ts"

const pager = inFile("lib/constructs/pager.ts", "paging")
const alarms = inFile("lib/alarms/paging.ts", "paging")
const operators = inFile("lib/constructs/alarm-operators.ts", "paging")

/** Whom alarms call, and what keeps a dead pager from being silent. */
export const pagingMutants: readonly BrokenPromise[] = [
  {
    promise: "alarms of a priority with a pager call somebody",
    mutants: [
      {
        ...pager,
        name: "no topic calls it",
        replace: "topic.addSubscription(new LambdaSubscription(pager.function))",
        with: "void new LambdaSubscription(pager.function)",
      },
      { ...pager, name: "all topics are P1", replace: "= { priority, ...config }", with: '= { ...config, priority: "P1" }' },
    ],
  },
  {
    promise: "a page that is not delivered is kept, and noticed without the pager",
    mutants: [
      { ...pager, name: "it is lost", replace: "      onFailure: new SqsDestination(undelivered),\n", with: "" },
      { ...pager, name: "it is tried once", replace: "retryAttempts: 2", with: "retryAttempts: 0" },
      {
        ...alarms,
        name: "another function is watched",
        replace: 'functionNameOf(stage, "pager")',
        with: 'functionNameOf(stage, "ops")',
      },
      { ...alarms, name: "some failures are fine", replace: "    above: 0,", with: "    above: 10," },
    ],
  },
  {
    promise: "a test of a page touches no real alarm",
    mutants: [
      {
        ...operators,
        name: "any alarm",
        replace: "deployedAlarmName(stage.name, alarmName(drill))",
        with: "deployedAlarmName(stage.name, `${drill.priority}*`)",
      },
      { ...operators, name: "without a second factor", replace: "resources, conditions })", with: "resources })" },
    ],
  },
]
