import { type BrokenPromise, inFile } from "../mutant.ts"

const made = inFile("lib/constructs/sale-function.ts", "app")
const instances = inFile("lib/constructs/managed-instances.ts", "app")
const schedules = inFile("lib/constructs/schedules.ts", "schedules")
const switching = inFile("lib/constructs/sale-function.ts", "reserve-switch")
const warmer = inFile("lib/constructs/warmer.ts", "schedules")
const targets = inFile("lib/capacity/warm-targets.ts", "schedules")
const windows = inFile("lib/constructs/warm-windows.ts", "schedules")
const prod = inFile("lib/stages/prod.ts", "guardrails")
const network = inFile("lib/constructs/network.ts", "network")

/** Where functions run, and how many at once. */
export const functionsMutants: readonly BrokenPromise[] = [
  {
    promise: "three zones are named",
    mutants: [
      {
        ...network,
        name: "two zones of CDK's choice",
        replace: "availabilityZones: [...stage.availabilityZones]",
        with: "maxAzs: 2",
      },
      {
        ...prod,
        name: "one zone twice",
        replace: '["eu-central-1a", "eu-central-1b", "eu-central-1c"]',
        with: '["eu-central-1a", "eu-central-1b", "eu-central-1b"]',
      },
    ],
  },
  {
    promise: "requests of reserve share environments",
    mutants: [
      {
        ...inFile("lib/function-name.ts", "app"),
        name: "reserve runs as a function",
        replace: 'folder === "reserve" && reserve',
        with: 'folder === "reserve-batch" && reserve',
      },
      {
        ...instances,
        name: "one request an environment",
        replace: "perExecutionEnvironmentMaxConcurrency: config.requestsPerEnvironment",
        with: "perExecutionEnvironmentMaxConcurrency: 1",
      },
      {
        ...instances,
        name: "no maximum of environments",
        replace: "maxExecutionEnvironments: config.maximumEnvironments",
        with: "maxExecutionEnvironments: 10 * config.maximumEnvironments",
      },
      {
        ...inFile("lib/capacity/warm-targets.ts", "app"),
        name: "no environment is ready between sales",
        replace: "idleEnvironments = 3",
        with: "idleEnvironments = 0",
      },
      {
        ...instances,
        name: "instances of another size",
        replace: "lambda.InstanceTypeFilter.allow(",
        with: "lambda.InstanceTypeFilter.exclude(",
      },
      {
        ...prod,
        name: "too few environments before the opening",
        replace: "minimumEnvironments: 60",
        with: "minimumEnvironments: 30",
      },
    ],
  },
  {
    promise: "writer, sweeper and checkout have reserved concurrency",
    mutants: [
      {
        ...made,
        name: "batch-writer has none",
        replace: "        !onInstances && { reserved",
        with: '        !onInstances && name !== "batch-writer" && { reserved',
      },
      {
        ...made,
        name: "expiry-sweeper has none",
        replace: "        !onInstances && { reserved",
        with: '        !onInstances && name !== "expiry-sweeper" && { reserved',
      },
      {
        ...made,
        name: "checkout has none",
        replace: "        !onInstances && { reserved",
        with: '        !onInstances && name !== "checkout" && { reserved',
      },
      {
        ...prod,
        name: "fewer writers than partitions",
        replace: "reservedConcurrency: 12,\n      provisionedConcurrency: 10,",
        with: "reservedConcurrency: 8,\n      provisionedConcurrency: 8,",
      },
      {
        ...prod,
        name: "sweepers cannot overlap",
        replace: "timeoutSeconds: 180, reservedConcurrency: 4",
        with: "timeoutSeconds: 180, reservedConcurrency: 2",
      },
    ],
  },
  {
    promise: "environments are warm before a sale",
    mutants: [
      {
        ...windows,
        name: "warm after the opening",
        replace: "Date.parse(opensAt) - warmUp",
        with: "Date.parse(opensAt) + warmUp",
      },
      {
        ...windows,
        name: "released before the last hold has ended",
        replace: "Date.parse(closesAt) + warmUp",
        with: "Date.parse(closesAt) - warmUp",
      },
      {
        ...windows,
        name: "one sale releases the environments of another",
        replace: "last && window.fromMs <= last.untilMs",
        with: "last && window.fromMs < 0",
      },
      {
        ...warmer,
        name: "the warmer does not know the calendar",
        replace: "windows: warmWindows(stage)",
        with: "windows: []",
      },
      {
        ...targets,
        name: "reserve is not warmed",
        replace: "{ minimumEnvironments: environments, maximumEnvironments: maximum }",
        with: "{ maximumEnvironments: maximum, workersPerEnvironment: environments }",
      },
      {
        ...targets,
        name: "reserve is never released",
        replace: "maximum, idle: idleEnvironments",
        with: "maximum, idle: environments",
      },
      {
        ...targets,
        name: "fewer than the config says",
        replace: "environments: stage.functions[folder].provisionedConcurrency ?? 0",
        with: "environments: 1",
      },
      {
        ...targets,
        name: "environments are never released",
        replace: "      idle: 0,\n",
        with: "      idle: stage.functions[folder].provisionedConcurrency ?? 0,\n",
      },
      { ...targets, name: "a version without traffic is warmed", replace: "qualifier: liveAlias", with: 'qualifier: "1"' },
      {
        ...inFile("lib/stages/prod.ts", "schedules"),
        name: "the writer is not warmed",
        replace: "      provisionedConcurrency: 10,\n",
        with: "",
      },
      {
        ...warmer,
        name: "the warmer may not change provisioned concurrency",
        replace: '        "lambda:PutProvisionedConcurrencyConfig",\n',
        with: "",
      },
      {
        ...warmer,
        name: "nobody is called for a sale that an operator opens",
        replace: "      caller.addEnvironment(warmerVariable, warmer.function.functionName)\n",
        with: "",
      },
      {
        ...warmer,
        name: "the callers may not call the warmer",
        replace: 'actions: ["lambda:InvokeFunction"]',
        with: 'actions: ["lambda:GetFunction"]',
      },
      {
        ...inFile("lib/stages/shared.ts", "guardrails"),
        name: "a quarter of an hour before a sale",
        replace: "minutesBefore: 30",
        with: "minutesBefore: 15",
      },
    ],
  },
  {
    promise: "a start that fails is noticed",
    mutants: [
      {
        ...schedules,
        name: "a failed start is forgotten",
        replace: "        deadLetterConfig: failures.receives(role),\n",
        with: "",
      },
      {
        ...inFile("lib/constructs/snapshots.ts", "schedules"),
        name: "a failed snapshot is forgotten",
        replace: "          deadLetterConfig,\n",
        with: "",
      },
      {
        ...inFile("lib/constructs/failed-schedules.ts", "schedules"),
        name: "the scheduler may not write to the queue",
        replace: "    this.#queue.grantSendMessages(role)\n",
        with: "",
      },
      {
        ...inFile("lib/alarms/schedules.ts", "observability"),
        name: "nobody watches the queue",
        replace: '"ApproximateNumberOfMessagesVisible"',
        with: '"NumberOfMessagesSent"',
      },
    ],
  },
  {
    promise: "the connections of managed instances are counted and come slowly",
    mutants: [
      {
        ...instances,
        name: "Lambda chooses the number of threads",
        replace: "    target.addEnvironment(workerCountVariable, String(config.workersPerEnvironment))\n",
        with: "",
      },
      {
        ...inFile("lib/capacity/demand.ts", "guardrails"),
        name: "threads share their connections",
        replace: "return environments * config.reserve.workersPerEnvironment",
        with: "return environments",
      },
      { ...prod, name: "more threads than processors", replace: "workersPerEnvironment: 2", with: "workersPerEnvironment: 16" },
      {
        ...inFile("lib/constructs/sale-functions.ts", "start-spread"),
        name: "all environments connect at once",
        replace: "String(warmStartSpreadMs(stage))",
        with: '"0"',
      },
      {
        ...inFile("lib/capacity/start-spread.ts", "start-spread"),
        name: "a start counts as one connection",
        replace: "3 + hotSkus",
        with: "0 * hotSkus + 1",
      },
    ],
  },
  {
    promise: "reserve moves between functions and instances without a change in place",
    mutants: [
      {
        ...switching,
        name: "the same function",
        replace: 'onInstances ? "FunctionOnInstances" : "Function"',
        with: '"Function"',
      },
      {
        ...inFile("lib/function-name.ts", "reserve-switch"),
        name: "the same name",
        replace: "isOnInstances(stage, folder) ? `${folder}-on-instances` : folder",
        with: "folder",
      },
      {
        ...switching,
        name: "another log group",
        replace: "logGroupNameOf(stage, name)",
        with: '`${logGroupNameOf(stage, name)}${onInstances ? "-on-instances" : ""}`',
      },
    ],
  },
  {
    promise: "the sweeper starts every minute",
    mutants: [
      { ...schedules, name: "every five minutes", replace: '"rate(1 minute)"', with: '"rate(5 minutes)"' },
      {
        ...schedules,
        name: "at any time within 15 minutes",
        replace: '{ mode: "OFF" }',
        with: '{ mode: "FLEXIBLE", maximumWindowInMinutes: 15 }',
      },
      {
        ...schedules,
        name: "failed starts are retried",
        replace: "maximumRetryAttempts: 0",
        with: "maximumRetryAttempts: 185",
      },
      {
        ...schedules,
        name: "the scheduler has no permission",
        replace: 'actions: ["lambda:InvokeFunction"]',
        with: 'actions: ["lambda:GetFunction"]',
      },
    ],
  },
  {
    promise: "a stage that cannot carry its load does not synthesise",
    mutants: [
      {
        ...inFile("lib/flash-sale.ts", "synth-guardrails"),
        name: "nobody reads them",
        replace: "    assertGuardrails(stage)\n",
        with: "    if (stage.region === '') assertGuardrails(stage)\n",
      },
      {
        ...prod,
        name: "four times the rate on one partition",
        replace: "peakReservationsPerSecond: 25_000",
        with: "peakReservationsPerSecond: 100_000",
      },
      {
        ...prod,
        name: "more connections than PostgreSQL takes",
        replace: "provisionedConcurrency: 200, poolSize: 1",
        with: "provisionedConcurrency: 200, poolSize: 10",
      },
    ],
  },
  {
    promise: "Node 24 on arm64",
    mutants: [
      { ...made, name: "Node 22", replace: "NODEJS_24_X", with: "NODEJS_22_X" },
      {
        ...made,
        name: "x86",
        replace: "architecture: lambda.Architecture.ARM_64",
        with: "architecture: lambda.Architecture.X86_64",
      },
      { ...instances, name: "instances of x86", replace: "lambda.Architecture.ARM_64", with: "lambda.Architecture.X86_64" },
    ],
  },
  {
    promise: "requests are logged and traced",
    mutants: [
      { ...made, name: "functions are not traced", replace: "lambda.Tracing.ACTIVE", with: "lambda.Tracing.DISABLED" },
      { ...made, name: "one log group for all", replace: "      logGroup: this.logGroup,\n", with: "" },
    ],
  },
]
