import { afterEach, expect, test, vi } from "vitest"
import { functionConfig, kafkaEnvironment, postgresEnvironment, redisEnvironment } from "../../core/runtime/environment.ts"

afterEach(() => vi.unstubAllEnvs())

test("an incomplete environment names every variable and says what is wrong with it", () => {
  vi.stubEnv("REDIS_URL", undefined)
  vi.stubEnv("KAFKA_BROKERS", "")
  vi.stubEnv("DATABASE_POOL_SIZE", "many")
  expect(() => functionConfig({ ...redisEnvironment, ...kafkaEnvironment, ...postgresEnvironment })).toThrow(
    [
      "The environment of this function is not complete:",
      "  REDIS_URL is required",
      "  KAFKA_BROKERS must have at least 1 character",
      "  DATABASE_POOL_SIZE must be a whole number from 1 to 50",
    ].join("\n"),
  )
})
