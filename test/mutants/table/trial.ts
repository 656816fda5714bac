import { type BrokenPromise, inFile } from "../mutant.ts"

const instance = inFile("lib/constructs/nat-instance.ts", "trial")
const network = inFile("lib/constructs/network.ts", "trial")
const log = inFile("lib/constructs/event-log.ts", "trial")
const topics = inFile("core/contracts/topics.ts", "trial")
const guardrails = inFile("lib/guardrails/trial.ts", "guardrails")
const alarms = inFile("lib/alarms/trial.ts", "trial")
const stage = inFile("lib/stages/try.ts", "cost")

/** The stage that is deployed for a day: what makes it cheap, and what it keeps of the others. */
export const trialMutants: readonly BrokenPromise[] = [
  {
    promise: "a trial is small and closed",
    mutants: [
      {
        ...instance,
        name: "the way out is open to everybody",
        replace: "NatTrafficDirection.OUTBOUND_ONLY",
        with: "NatTrafficDirection.INBOUND_AND_OUTBOUND",
      },
      {
        ...instance,
        name: "the way out has no address",
        replace: "associatePublicIpAddress: true",
        with: "associatePublicIpAddress: false",
      },
      { ...instance, name: "the disk is not encrypted", replace: "ebs: { encrypted: true", with: "ebs: { encrypted: false" },
      {
        ...network,
        name: "pollers have no way to AWS",
        replace: "instances ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED",
        with: "instances ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_ISOLATED",
      },
      {
        ...network,
        name: "a gateway beside the instance",
        replace: "...(instances && { natGatewayProvider: instances }),",
        with: "",
      },
      {
        ...log,
        name: "pollers of on-demand mappings cannot call Lambda",
        replace: 'if (stage.eventDelivery === "on-demand") network.reachesAws(this)',
        with: 'if (stage.eventDelivery === "provisioned") network.reachesAws(this)',
      },
      {
        ...log,
        name: "figures of brokers that are billed",
        replace: 'stage.trial === true ? "DEFAULT" : "PER_BROKER"',
        with: 'stage.trial === true ? "PER_BROKER" : "PER_BROKER"',
      },
      {
        ...topics,
        name: "one of two brokers is enough",
        replace: "minInSyncReplicas: Math.min(replication.minInSyncReplicas, brokers)",
        with: "minInSyncReplicas: Math.min(replication.minInSyncReplicas, brokers - 1)",
      },
      {
        ...alarms,
        name: "alarms every ten seconds",
        replace: "Math.max(spec.seconds, minuteSeconds)",
        with: "Math.min(spec.seconds, minuteSeconds)",
      },
      { ...guardrails, name: "a trial with sales", replace: "sales.length > 0 && `", with: "sales.length > 9 && `" },
      {
        ...guardrails,
        name: "one way out in production",
        replace: "trial !== true && network.natInstance !== undefined",
        with: "trial === true && network.natInstance !== undefined && network.natGateways > 9",
      },
      {
        ...inFile("lib/constructs/analytics-replica.ts", "data"),
        name: "a copy for analysts as large as its source",
        replace: "stage.database.analyticsInstanceType ?? stage",
        with: "stage",
      },
      {
        ...stage,
        name: "a database of twice the price",
        replace: 'instanceType: "t4g.small"',
        with: 'instanceType: "t4g.medium"',
      },
    ],
  },
]
