import { logger } from "../../core/adapters/telemetry.ts"
import { type CustomResourceAnswer, CustomResourceEvent } from "../../core/contracts/custom-resource.ts"
import { type TopicKey, topics } from "../../core/contracts/topics.ts"
import { functionConfig, kafkaEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { environmentTopics, openKafka } from "../../core/runtime/kafka.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { ownerLogin, postgresPool, roleLogins } from "../../core/runtime/postgres.ts"
import { provision } from "./workflow.ts"

functionConfig({ ...stageEnvironment, ...kafkaEnvironment })

/** The environment names the topics: a second generation of a topic has another name. */
const definitions = (Object.entries(environmentTopics()) as [TopicKey, string][]).map(([key, name]) => ({ ...topics[key], name }))

/** Nothing stays open between two invocations: each makes its connections and closes them again. */
export const runtime = defineRuntime(async () => ({
  provisionerPool: () => postgresPool({ role: "provisioner", size: 1 }),
  kafka: openKafka("provisioner"),
}))

/** There is one database and one log. Nothing that this resource made is ever deleted, because it holds the sale. */
const PhysicalResourceId = "flash-sale-provisioning"

/**
 * A custom resource that runs before traffic shifts: the schema of this version, a login for each role, the watermarks of unused
 * partitions.
 */
export async function handler(event: unknown): Promise<CustomResourceAnswer> {
  if (CustomResourceEvent.parse(event).RequestType === "Delete") return { PhysicalResourceId }
  const { provisionerPool, kafka } = await runtime.open()
  const applied = await provision({
    owner: await ownerLogin(),
    logins: await roleLogins(),
    provisionerPool,
    admin: kafka.admin(),
    topics: definitions,
  })
  logger.info("Provisioned the database and the watermarks of unused partitions", { ...applied })
  return {
    PhysicalResourceId,
    Data: { AppliedMigrations: applied.migrations.join(","), AppliedDefinitions: applied.definitions.join(",") },
  }
}
