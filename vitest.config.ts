import { readFileSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** SQL statements and Lua scripts are imported as text, as Node (local/text-modules.mjs) and the Lambda bundler do. */
const textModules = {
  name: "text-modules",
  enforce: "pre" as const,
  load: (id: string) => (/\.(sql|lua)$/.test(id) ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}` : undefined),
}

const project = (name: string, options: object = {}) => ({
  plugins: [textModules],
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
})

/** Tests of these projects share one Kafka, PostgreSQL and Redis, started once; each file has its own database or topics. */
const onServices = { globalSetup: ["test/services/setup.ts"], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false }

/**
 * Two of these files at a time: most of the time they wait for a server, a clock or a process that they have killed. They begin
 * when the projects of a lower order have ended.
 */
const twoAtATime = (groupOrder: number) => ({ fileParallelism: true, maxWorkers: 2, sequence: { groupOrder } })

/**
 * These files of the integration project run one at a time: they take all of the processor for a while, which would make others
 * late, or they move clocks while limits of a quarter of a second count.
 */
const oneAtATimeFiles = [
  "bench",
  "fairness",
  "gateway-overload",
  "losers-flood",
  "many-skus",
  "redis-states",
  "rehearsal",
  "steer-limits",
].map((name) => `test/integration/${name}.test.ts`)

/** The files share their modules: to load the CDK again for each file would take most of the time of a run. */
const sharedModules = { isolate: false }

/**
 * One browser and one whole system, which stays until the run ends. They begin when the other projects have ended: some of these
 * tests measure time, and the system would take the processor from the others.
 */
const inBrowser = {
  globalSetup: ["test/browser/setup.ts"],
  testTimeout: 60_000,
  hookTimeout: 150_000,
  fileParallelism: false,
  sequence: { groupOrder: 4 },
}

export default defineConfig({
  test: {
    projects: [
      project("unit", { ...sharedModules, exclude: ["test/unit/aws/**"] }),
      // These load functions with AWS's environment, which a function reads once: each file needs modules of its own.
      project("aws", { include: ["test/unit/aws/**/*.test.ts"] }),
      project("integration", { ...onServices, ...twoAtATime(2), exclude: oneAtATimeFiles }),
      project("one-at-a-time", { ...onServices, include: oneAtATimeFiles, sequence: { groupOrder: 3 } }),
      project("invariants", onServices),
      project("infra", { ...sharedModules, globalSetup: ["test/infra/setup.ts"], testTimeout: 120_000, hookTimeout: 120_000 }),
      project("faults", { ...onServices, ...twoAtATime(1), testTimeout: 120_000 }),
      project("browser", inBrowser),
    ],
  },
})
