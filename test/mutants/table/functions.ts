import { type BrokenPromise, inFile } from "../mutant.ts"

const made = inFile("lib/constructs/sale-function.ts", "app")
const functions = inFile("lib/constructs/sale-functions.ts", "app")
const instances = inFile("lib/constructs/managed-instances.ts", "app")
const schedules = inFile("lib/constructs/schedules.ts", "schedules")
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
        ...functions,
        name: "reserve runs as a function",
        replace: 'name === "reserve" && stage',
        with: 'name === "reserve-batch" && stage',
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
        ...instances,
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
        replace: "timeoutSeconds: 60, reservedConcurrency: 12, poolSize: 4",
        with: "timeoutSeconds: 60, reservedConcurrency: 8, poolSize: 4",
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
        ...schedules,
        name: "reserve is not warmed",
        replace: "scaling(environments), scaling(idle",
        with: "scaling(idleEnvironments), scaling(idle",
      },
      {
        ...schedules,
        name: "reserve is never released",
        replace: "scaling(environments), scaling(idleEnvironments)",
        with: "scaling(environments), scaling(environments)",
      },
      {
        ...schedules,
        name: "fewer than the config says",
        replace: "ProvisionedConcurrentExecutions: environments",
        with: "ProvisionedConcurrentExecutions: 1",
      },
      {
        ...schedules,
        name: "environments are never released",
        replace: "      this.#once(`${name}-cool-${index}`, untilMs, cool)\n",
        with: "",
      },
      {
        ...schedules,
        name: "environments are released at once",
        replace: "-cool-${index}`, untilMs",
        with: "-cool-${index}`, fromMs",
      },
      {
        ...schedules,
        name: "in another time zone",
        replace: 'scheduleExpressionTimezone: "UTC"',
        with: 'scheduleExpressionTimezone: "Asia/Tokyo"',
      },
      { ...schedules, name: "a version without traffic is warmed", replace: "Qualifier: liveAlias", with: 'Qualifier: "1"' },
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
