import { GetBootstrapBrokersCommand, KafkaClient } from "@aws-sdk/client-kafka"
import * as z from "zod"
import { type CustomResourceAnswer, CustomResourceEvent } from "../../core/contracts/custom-resource.ts"
import { defineRuntime } from "../../core/runtime/lifecycle.ts"

const Properties = z.object({ ClusterArn: z.string().min(1), Auth: z.enum(["iam", "scram"]) })

export const runtime = defineRuntime(async (resources) => ({
  kafka: resources.own(new KafkaClient({}), { close: (client) => client.destroy() }),
}))

/**
 * A custom resource: the addresses of the brokers (`Brokers`, for KAFKA_BROKERS), which CloudFormation does not return for a
 * cluster.
 */
export async function handler(event: unknown): Promise<CustomResourceAnswer> {
  const { RequestType, PhysicalResourceId, ResourceProperties } = CustomResourceEvent.parse(event)
  if (RequestType === "Delete") return { PhysicalResourceId: PhysicalResourceId ?? "" }
  const { ClusterArn, Auth } = Properties.parse(ResourceProperties)
  const { kafka } = await runtime.open()
  const answer = await kafka.send(new GetBootstrapBrokersCommand({ ClusterArn }))
  const brokers = Auth === "iam" ? answer.BootstrapBrokerStringSaslIam : answer.BootstrapBrokerStringSaslScram
  if (!brokers) throw new Error(`${ClusterArn} has no brokers that take ${Auth}: is it enabled on the cluster?`)
  return { PhysicalResourceId: `${ClusterArn}/brokers/${Auth}`, Data: { Brokers: brokers } }
}
