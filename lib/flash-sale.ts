import { AspectPriority, Aspects, Stage } from "aws-cdk-lib"
import type { Construct } from "constructs"
import type { StageConfig } from "./config.ts"
import { edgeRegion } from "./constructs/secrets.ts"
import { tagStage } from "./constructs/tags.ts"
import { Teardown } from "./constructs/teardown.ts"
import { assertGuardrails } from "./guardrails/guardrails.ts"
import { AppStack } from "./stacks/app.ts"
import { DataStack } from "./stacks/data.ts"
import { DisasterRecoveryStack, ReplicationSourceStack } from "./stacks/disaster-recovery.ts"
import { EdgeStack } from "./stacks/edge.ts"
import { IdentityStack } from "./stacks/identity.ts"
import { NetworkStack } from "./stacks/network.ts"
import { EdgeObservabilityStack, ObservabilityStack } from "./stacks/observability.ts"
import { PagingStack } from "./stacks/paging.ts"
import { PipelineStack } from "./stacks/pipeline.ts"
import { StreamingStack } from "./stacks/streaming.ts"

/**
 * One stage of the flash sale, as it is deployed.
 * @throws Error when the stage cannot carry what it declares
 */
export class FlashSale extends Stage {
  readonly network: NetworkStack
  readonly data: DataStack
  readonly identity: IdentityStack
  readonly app: AppStack
  readonly streaming: StreamingStack
  readonly edge: EdgeStack

  constructor(scope: Construct, stage: StageConfig) {
    assertGuardrails(stage)
    const { region, account, disasterRecovery } = stage
    super(scope, stage.name, { env: { region, ...(account !== undefined && { account }) } })
    const named = (name: string) => ({ stage, stackName: `flash-sale-${stage.name}-${name}` })
    const regions = [region, edgeRegion, ...(disasterRecovery ? [disasterRecovery.region] : [])]

    new PipelineStack(this, "Pipeline", { ...named("pipeline"), regions })

    this.network = new NetworkStack(this, "Network", named("network"))
    const { network } = this.network
    this.data = new DataStack(this, "Data", { ...named("data"), network })
    this.identity = new IdentityStack(this, "Identity", named("identity"))
    const { shoppers } = this.identity

    const { log, database, cache } = this.data
    this.app = new AppStack(this, "App", { ...named("app"), network, data: this.data, shoppers })
    const { apiId } = this.app.api.api

    this.streaming = new StreamingStack(this, "Streaming", { ...named("streaming"), network, data: this.data, shoppers })
    this.streaming.addStackDependency(this.app)

    const atTheEdge = { env: { region: edgeRegion, ...(account !== undefined && { account }) } }
    this.edge = new EdgeStack(this, "Edge", { ...named("edge"), ...atTheEdge })
    // The edge reads the secret of the data stack by the name of its replica.
    this.edge.addStackDependency(this.data)
    // Without a domain the edge asks for the API's generated name.
    if (stage.domain === undefined) this.edge.addStackDependency(this.app)
    // The page's configuration names the user pool.
    this.edge.addStackDependency(this.identity)

    const parts = {
      clusterName: log.clusterName,
      databaseIdentifier: database.instance.instanceIdentifier,
      cacheMembers: cache.members,
      replicaIdentifiers: this.data.analyticsReplicas,
    }
    const { topics } = new ObservabilityStack(this, "Observability", {
      ...named("observability"),
      ...{ apiId, parts },
      deployAlarmNames: this.app.deployAlarmNames,
    })
    const { pagers } = stage
    if (pagers !== undefined) new PagingStack(this, "Paging", { ...named("paging"), pagers, topics, secrets: this.data.secrets })

    const { distributionId } = this.edge
    new EdgeObservabilityStack(this, "EdgeObservability", { ...named("edge-observability"), ...atTheEdge, distributionId })

    if (disasterRecovery) {
      new ReplicationSourceStack(this, "ReplicationSource", {
        ...named("replication-source"),
        clusterArn: log.cluster.attrArn,
        databaseArn: database.instance.instanceArn,
        subnetIds: network.vpc.selectSubnets(network.dataSubnets).subnetIds,
      })
      new DisasterRecoveryStack(this, "DisasterRecovery", {
        ...named("disaster-recovery"),
        env: { region: disasterRecovery.region, ...(account !== undefined && { account }) },
      })
    }

    tagStage(this, stage)
    Aspects.of(this).add(new Teardown(stage), { priority: AspectPriority.MUTATING })
  }
}
