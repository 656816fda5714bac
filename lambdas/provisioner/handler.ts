import { functionConfig, kafkaEnvironment, stageEnvironment } from "../../core/adapters/config.ts"
import { kafkaClient } from "../../core/adapters/kafka/client.ts"
import { ownerLogin, roleLogins } from "../../core/adapters/postgres/login.ts"
import { postgresPool } from "../../core/adapters/postgres/pool.ts"
import { logger } from "../../core/adapters/telemetry.ts"
import { type CustomResourceAnswer, CustomResourceEvent } from "../../core/contracts/custom-resource.ts"
import { topics } from "../../core/contracts/topics.ts"
import { provision } from "./workflow.ts"

const config = functionConfig({ ...stageEnvironment, ...kafkaEnvironment })

/** The environment names the topics: a second generation of a topic has another name. */
const definitions = [
  { ...topics.reservationRequests, name: config.REQUESTS_TOPIC },
  { ...topics.reservationEvents, name: config.EVENTS_TOPIC },
]

/** There is one database and one log. This resource never deletes what it has made: that is the sale. */
const PhysicalResourceId = "flash-sale-provisioning"

/**
 * A custom resource that runs before traffic shifts: the schema of this version, a login for each role, the watermarks of unused
 * partitions.
 */
export async function handler(event: unknown): Promise<CustomResourceAnswer> {
  if (CustomResourceEvent.parse(event).RequestType === "Delete") return { PhysicalResourceId }
  const applied = await provision({
    owner: await ownerLogin(),
    logins: await roleLogins(),
    provisionerPool: () => postgresPool({ role: "provisioner", size: 1 }),
    admin: kafkaClient(config.KAFKA_BROKERS, "provisioner").admin(),
    topics: definitions,
  })
  logger.info("Provisioned the database and the watermarks of unused partitions", { ...applied })
  return {
    PhysicalResourceId,
    Data: { AppliedMigrations: applied.migrations.join(","), AppliedDefinitions: applied.definitions.join(",") },
  }
}
