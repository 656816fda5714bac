import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { aptInstall } from "./apt.mjs"
import { runStep } from "./commands.mjs"
import { onPath, root } from "./paths.mjs"
import { Missing } from "./say.mjs"

const hasBroker = (folder, version) => existsSync(folder) && readdirSync(folder).includes(`kafka_2.13-${version}.jar`)

/** Fills the folder with Kafka's jars (about 50 of them, 45 MB), once, from the Maven repository. @throws Missing */
export async function ensureKafkaJars(folder, version) {
  if (hasBroker(folder, version)) return
  const tried = onPath("mvn").length === 0 ? await aptInstall("maven") : undefined
  if (onPath("mvn").length > 0) {
    // The download goes into another folder first: an interrupted download must not look complete.
    const partial = `${folder}.partial`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(dirname(folder), { recursive: true })
    const { ok } = await runStep(`Kafka ${version}: downloading its jars with Maven`, "mvn", [
      ...["-q", "-B", "-f", join(root, "local", "bootstrap", "kafka-pom.xml")],
      ...["dependency:copy-dependencies", `-DoutputDirectory=${partial}`, `-Dkafka.version=${version}`],
    ])
    if (ok) {
      rmSync(folder, { recursive: true, force: true })
      renameSync(partial, folder)
      return
    }
  }
  throw new Missing({
    tool: `Apache Kafka ${version}`,
    why: "it puts the requests of the sale in order; a mock would prove nothing",
    tried: tried ?? "Maven (see above)",
    byHand: `install Maven and reach a Maven repository, or copy the jars of Kafka's libs folder to ${folder}`,
  })
}
