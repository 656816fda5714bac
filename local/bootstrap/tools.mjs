import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { choicesSuffix, serverChoices } from "./choices.mjs"
import { ensureChromium } from "./chromium.mjs"
import { ensureJava } from "./java.mjs"
import { ensureKafkaClasses } from "./kafka-classes.mjs"
import { ensureKafkaJars } from "./kafka-jars.mjs"
import { cacheFolder, stateFolder } from "./paths.mjs"
import { ensurePostgres } from "./postgres.mjs"
import { ensureRedis } from "./redis.mjs"

function noted(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return {}
  }
}

/**
 * Finds or installs the servers and notes their paths in a file. Each choice of versions has a file of its own, so that two of
 * them can run at the same time. A noted path that still exists is used again, so that a later start does not ask each program
 * for its version; PostgreSQL is asked each time, because a package was updated or its choice has changed.
 *
 * @param {{ browser: boolean }} wanted whether the tests' browser is needed, too
 * @returns the file
 * @throws Missing for the first program that cannot be installed.
 */
export async function ensureTools({ browser }) {
  const choices = serverChoices()
  const suffix = choicesSuffix(choices)
  const file = suffix === "" ? join(stateFolder, "tools.json") : join(cacheFolder, `tools${suffix}.json`)
  const known = noted(file)
  const either = async (path, ensure) => (path !== undefined && existsSync(path) ? path : await ensure())
  const java = await either(known.java, ensureJava)
  const { kafkaJars, kafkaClasses } = await kafka(java, choices)
  const tools = {
    java,
    kafkaJars,
    kafkaClasses,
    postgresBin: await ensurePostgres(choices.postgres),
    redisServer: await either(known.redisServer, () => ensureRedis(choices.redis)),
    ...(browser ? { chromium: await either(known.chromium, ensureChromium) } : known.chromium && { chromium: known.chromium }),
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(tools, null, 2)}\n`)
  return file
}

async function kafka(java, { isDefaultKafka, kafkaVersion }) {
  const kafkaJars = isDefaultKafka ? join(stateFolder, "kafka-jars") : join(cacheFolder, `kafka-${kafkaVersion}`)
  await ensureKafkaJars(kafkaJars, kafkaVersion)
  return { kafkaJars, kafkaClasses: await ensureKafkaClasses(java, kafkaJars) }
}
