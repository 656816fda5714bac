import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { ensureChromium } from "./chromium.mjs"
import { ensureJava, ensureKafkaJars } from "./java.mjs"
import { ensureKafkaClasses } from "./kafka-classes.mjs"
import { stateFolder, toolsFile } from "./paths.mjs"
import { ensurePostgres } from "./postgres.mjs"
import { ensureRedis } from "./redis.mjs"

function noted() {
  try {
    return JSON.parse(readFileSync(toolsFile, "utf8"))
  } catch {
    return {}
  }
}

/**
 * Finds or installs the servers and keeps their paths in the state folder. A kept path that still exists is used again, so that a
 * later start does not ask each program for its version.
 * @param {{ browser: boolean }} wanted whether the tests' browser is needed, too
 * @throws Missing for the first program that cannot be installed.
 */
export async function ensureTools({ browser }) {
  const known = noted()
  const either = async (path, ensure) => (path !== undefined && existsSync(path) ? path : await ensure())
  const java = await either(known.java, ensureJava)
  const tools = {
    java,
    kafkaJars: await ensureKafkaJars(),
    kafkaClasses: await ensureKafkaClasses(java),
    postgresBin: await either(known.postgresBin, ensurePostgres),
    redisServer: await either(known.redisServer, ensureRedis),
    ...(browser ? { chromium: await either(known.chromium, ensureChromium) } : known.chromium && { chromium: known.chromium }),
  }
  mkdirSync(stateFolder, { recursive: true })
  writeFileSync(toolsFile, `${JSON.stringify(tools, null, 2)}\n`)
}
