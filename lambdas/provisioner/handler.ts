import { logger } from "../../core/adapters/telemetry.ts"
import { type CustomResourceAnswer, CustomResourceEvent } from "../../core/contracts/custom-resource.ts"
import { functionConfig, kafkaEnvironment, stageEnvironment } from "../../core/runtime/environment.ts"
import { environmentDefinitions, openKafka } from "../../core/runtime/kafka.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"
import { ownerLogin, postgresPool, roleLogins } from "../../core/runtime/postgres.ts"
import { requestsLog } from "../../core/runtime/requests-log.ts"
import { provision } from "./workflow.ts"

functionConfig({ ...stageEnvironment, ...kafkaEnvironment })

const { generation } = requestsLog()

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
    topics: environmentDefinitions(),
    generation,
  })
  logger.info("Provisioned the database and the watermarks of unused partitions", { ...applied })
  return {
    PhysicalResourceId,
    Data: { AppliedMigrations: applied.migrations.join(","), AppliedDefinitions: applied.definitions.join(",") },
  }
}
