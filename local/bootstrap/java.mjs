import { join } from "node:path"
import { aptInstall } from "./apt.mjs"
import { outputOf } from "./commands.mjs"
import { isExecutable, onPath } from "./paths.mjs"
import { Missing } from "./say.mjs"

const neededMajor = 17

const majorOf = (file) => Number(/version "(\d+)/.exec(outputOf(file, ["-version"]) ?? "")?.[1] ?? 0)

const findJava = () =>
  [join(process.env.JAVA_HOME ?? "/nonexistent", "bin", "java"), ...onPath("java")]
    .filter(isExecutable)
    .find((file) => majorOf(file) >= neededMajor)

/** A Java that runs Kafka. @throws Missing */
export async function ensureJava() {
  const found = findJava()
  if (found) return found
  const tried = await aptInstall("default-jre-headless")
  const installed = findJava()
  if (installed) return installed
  throw new Missing({
    tool: `Java ${neededMajor} or newer`,
    why: "Kafka runs on it",
    tried: tried ?? "apt-get install default-jre-headless, but it brought an older one",
    byHand: "apt-get install openjdk-17-jre-headless, or https://adoptium.net; or set JAVA_HOME",
  })
}
