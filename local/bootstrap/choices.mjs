import { Missing } from "./say.mjs"

const defaultKafkaVersion = "4.1.1"

/** @throws Missing when the variable has another value: a spelling mistake must not test the default version again */
function chosen(name, allowed, otherwise) {
  const value = process.env[name] ?? otherwise
  if (allowed.test(value)) return value
  throw new Missing({
    tool: `a server for ${name}=${value}`,
    why: "this variable chooses the version of a server; without it the default starts",
    byHand: `set ${name} to a value that matches ${allowed}, or leave it out`,
  })
}

/**
 * The versions of the servers, from the environment.
 *
 * - `postgres`: `packaged` is the npm package of the lockfile, `installed` is the newest of this machine
 * - `kafkaVersion`: any version of the Maven repository that runs in KRaft mode
 * - `redis`: `installed` is Redis or Valkey of this machine, `valkey` is a Valkey from PyPI
 *
 * @throws Missing for a value that nothing belongs to
 */
export function serverChoices() {
  const kafkaVersion = chosen("FLASH_SALE_KAFKA_VERSION", /^\d+\.\d+\.\d+$/, defaultKafkaVersion)
  return {
    postgres: chosen("FLASH_SALE_POSTGRES", /^(packaged|installed)$/, "packaged"),
    kafkaVersion,
    isDefaultKafka: kafkaVersion === defaultKafkaVersion,
    redis: chosen("FLASH_SALE_REDIS", /^(installed|valkey)$/, "installed"),
  }
}

/** What is chosen other than by default, as part of a file's name: empty when nothing is. */
export const choicesSuffix = ({ postgres, kafkaVersion, isDefaultKafka, redis }) =>
  [
    ...(postgres === "packaged" ? [] : [`-${postgres}-postgres`]),
    ...(isDefaultKafka ? [] : [`-kafka-${kafkaVersion}`]),
    ...(redis === "installed" ? [] : [`-${redis}`]),
  ].join("")
