import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { aptInstall } from "./apt.mjs"
import { outputOf, runStep } from "./commands.mjs"
import { isExecutable, kafkaJars, onPath, root, stateFolder } from "./paths.mjs"
import { Missing } from "./say.mjs"

const neededMajor = 17
const kafkaVersion = "4.1.1"

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

const hasBroker = () => existsSync(kafkaJars) && readdirSync(kafkaJars).includes(`kafka_2.13-${kafkaVersion}.jar`)

/** The folder of Kafka's jars (46 of them, 43 MB), which is downloaded once from the Maven repository. @throws Missing */
export async function ensureKafkaJars() {
  if (hasBroker()) return kafkaJars
  const tried = onPath("mvn").length === 0 ? await aptInstall("maven") : undefined
  if (onPath("mvn").length > 0) {
    // The download goes into another folder first: an interrupted download must not look complete.
    const partial = `${kafkaJars}.partial`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(stateFolder, { recursive: true })
    const { ok } = await runStep(`Kafka ${kafkaVersion}: downloading its jars with Maven`, "mvn", [
      ...["-q", "-B", "-f", join(root, "local", "bootstrap", "kafka-pom.xml")],
      ...["dependency:copy-dependencies", `-DoutputDirectory=${partial}`, `-Dkafka.version=${kafkaVersion}`],
    ])
    if (ok) {
      rmSync(kafkaJars, { recursive: true, force: true })
      renameSync(partial, kafkaJars)
      return kafkaJars
    }
  }
  throw new Missing({
    tool: `Apache Kafka ${kafkaVersion}`,
    why: "it puts the requests of the sale in order; a mock would prove nothing",
    tried: tried ?? "Maven (see above)",
    byHand: `install Maven and reach a Maven repository, or copy the jars of Kafka's libs folder to ${kafkaJars}`,
  })
}
