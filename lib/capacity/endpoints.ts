import type { StageConfig } from "../config.ts"

/** Services of AWS that have an endpoint in the network of some stage; the others need NAT, which most functions do not have. */
export type EndpointName = "Secrets" | "Identity" | "Logs" | "Tracing" | "Tokens" | "Functions"

/**
 * The endpoints of a stage: each costs money by the hour in each zone, used or not. Functions read secrets and the keys of
 * tokens. Lambda takes the logs and traces of its own environments outside of the VPC; managed instances send theirs from inside
 * (docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-networking.html).
 * Pollers of on-demand mappings call Lambda and STS from the brokers' subnets; provisioned mappings need neither
 * (docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html). A stage with a NAT instance has none.
 */
export const endpointsOf = ({
  network,
  reserve,
  eventDelivery,
}: Pick<StageConfig, "network" | "reserve" | "eventDelivery">): readonly EndpointName[] =>
  network.natInstance !== undefined
    ? []
    : [
        "Secrets",
        "Identity",
        ...(reserve.kind === "managed-instances" ? (["Logs", "Tracing"] as const) : []),
        ...(eventDelivery === "on-demand" ? (["Tokens", "Functions"] as const) : []),
      ]
