import { type BrokenPromise, inFile } from "../mutant.ts"

const database = inFile("lib/constructs/database.ts", "versions")
const log = inFile("lib/constructs/event-log.ts", "versions")
const cache = inFile("lib/constructs/cache.ts", "versions")

/** A version that is deployed before the tests have run on it. */
export const versionMutants: readonly BrokenPromise[] = [
  {
    promise: "tests run on the versions of a deployment",
    mutants: [
      {
        ...database,
        name: "another PostgreSQL",
        replace: "PostgresEngineVersion.VER_18_3",
        with: "PostgresEngineVersion.VER_17_7",
      },
      { ...log, name: "another Kafka", replace: 'kafkaVersion = "3.8.x"', with: 'kafkaVersion = "3.9.x"' },
      { ...cache, name: "Redis", replace: 'engine: "valkey"', with: 'engine: "redis"' },
    ],
  },
]
