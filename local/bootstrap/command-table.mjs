/** Node runs our TypeScript without a build; the hook makes SQL and Lua files importable. */
const source = (entry, ...args) => ["--import", "./local/text-modules.mjs", entry, ...args]
const packaged = (file, ...args) => [`node_modules/${file}`, ...args]
const biome = (...args) => packaged("@biomejs/biome/bin/biome", ...args)

/** The rehearsal of a system elsewhere needs the load generator only: nothing starts on this machine. */
const isElsewhere = (args) => args.some((arg) => arg === "--url" || arg.startsWith("--url="))

const vitest = (...args) => packaged("vitest/vitest.mjs", "run", ...args)

/** The tests that depend most on what Kafka and Redis themselves do: each of their requests and scripts, and their failures. */
const onServersThemselves = [
  ...["test-services", "request-log", "event-source", "event-source-groups", "group-offsets", "replay", "provisioner"],
  ...["redis-states", "redis-token", "admission-two-languages", "turns-two-languages"],
].map((name) => `test/integration/${name}.test.ts`)
const onTheirFailures = ["partition-trouble", "slow-broker", "redis-failover"].map((name) => `test/faults/${name}.test.ts`)

const vite = (...args) => packaged("vite/bin/vite.js", ...args, "--config", "web/vite.config.ts")

const system = (name, needsServers) => ({
  needsServers,
  needsPage: needsServers,
  steps: (args) => [source("local/main.ts", name, ...args)],
})

/**
 * Every npm script: whether (with these arguments) it needs Kafka, PostgreSQL and Redis on this machine, whether it needs the
 * shop's page in `web/dist`, whether it needs the tests' browser, and what Node 24 is given to run, one after the other.
 * @type {Record<string, {
 *   needsServers: boolean | ((args: string[]) => boolean), needsPage?: boolean, needsBrowser?: boolean,
 *   steps: (args: string[]) => string[][]
 * }>}
 */
export const commands = {
  setup: { needsServers: true, needsPage: true, needsBrowser: true, steps: () => [] },
  start: system("start", true),
  rehearse: {
    needsServers: (args) => !isElsewhere(args),
    steps: (args) => (isElsewhere(args) ? [source("loadtest/rehearsal/main.ts", ...args)] : system("rehearse", true).steps(args)),
  },
  stop: system("stop", false),
  status: system("status", false),
  logs: system("logs", false),
  clean: system("clean", false),
  token: { needsServers: false, steps: (args) => [source("local/token.ts", ...args)] },
  bench: { needsServers: true, steps: (args) => [source("loadtest/main.ts", ...args)] },
  fairness: { needsServers: true, steps: (args) => [source("loadtest/fairness/main.ts", ...args)] },
  ops: {
    needsServers: false,
    steps: (args) => [["--import", "./local/running-environment.ts", ...source("ops/main.ts", ...args)]],
  },
  deploy: { needsServers: false, steps: (args) => [source("ops/deployment/main.ts", "deploy", ...args)] },
  destroy: { needsServers: false, steps: (args) => [source("ops/deployment/main.ts", "destroy", ...args)] },
  "build:web": { needsServers: false, steps: () => [vite("build")] },
  test: {
    needsServers: true,
    needsPage: true,
    needsBrowser: true,
    steps: (args) => [vitest(...args)],
  },
  "test:aws-versions": {
    needsServers: true,
    steps: (args) => [vitest(...(args.length > 0 ? args : [...onServersThemselves, ...onTheirFailures]))],
  },
  contract: { needsServers: true, steps: (args) => [source("test/contract/main.ts", ...args)] },
  "supply-chain": { needsServers: false, steps: (args) => [source("test/supply-chain/main.ts", ...args)] },
  mutants: { needsServers: false, steps: (args) => [source("test/mutants/main.ts", ...args)] },
  lint: {
    needsServers: false,
    steps: () => [
      biome("check", "--error-on-warnings"),
      packaged("typescript/bin/tsc", "-p", "."),
      packaged("typescript/bin/tsc", "-p", "web"),
      packaged("typescript/bin/tsc", "-p", "test/browser"),
      packaged("knip/bin/knip.js"),
    ],
  },
  format: { needsServers: false, steps: (args) => [biome("check", "--write", ...args)] },
}
