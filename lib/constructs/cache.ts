import { ArnFormat, Stack, Validations } from "aws-cdk-lib"
import { Connections, type IConnectable, Port } from "aws-cdk-lib/aws-ec2"
import { CfnParameterGroup, CfnReplicationGroup, CfnSubnetGroup } from "aws-cdk-lib/aws-elasticache"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Key } from "aws-cdk-lib/aws-kms"
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager"
import { Construct } from "constructs"
import { secretVariable } from "../../core/contracts/environment.ts"
import type { StageConfig } from "../config.ts"
import { notForTrials } from "../guardrails/trial.ts"
import type { Connectable } from "./connectable.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"
import { letRead, letRotate } from "./secret-access.ts"

/** Not Redis's default port: scanners try the default first. */
export const cachePort = 6_380
const tokenLength = 64

/**
 * Valkey on nodes, cluster mode off, because `admit` uses several keys at once. Reads go to the primary only: a replica lags, and
 * would show units that are sold. The cache may be lost at any time; it decides nothing.
 */
export class Cache extends Construct implements IConnectable {
  readonly replicationGroup: CfnReplicationGroup
  readonly connections: Connections
  /** The names of the nodes: metrics are reported by them. */
  readonly members: readonly string[]
  readonly #token: Secret

  constructor(scope: Construct, id: string, { stage, network }: { readonly stage: StageConfig; readonly network: Network }) {
    super(scope, id)
    const removalPolicy = removalPolicyOf(stage)
    const key = new Key(this, "Key", { description: "Valkey: storage, auth token", enableKeyRotation: true, removalPolicy })
    const group = network.securityGroup("Cache", "Valkey", this)
    this.connections = new Connections({ securityGroups: [group], defaultPort: Port.tcp(cachePort) })
    this.#token = new Secret(this, "AuthToken", {
      description: "REDIS_AUTH_TOKEN: docs/RUNBOOK.md says how it is rotated",
      encryptionKey: key,
      generateSecretString: { passwordLength: tokenLength, excludePunctuation: true },
      removalPolicy,
    })
    Validations.of(this.#token).acknowledge({
      id: "AwsSolutions-SMG4",
      reason: "lambdas/secret-rotation rotates it, on a schedule in the stack of the code, where cdk-nag does not look.",
    })
    const subnets = new CfnSubnetGroup(this, "Subnets", {
      description: "Valkey",
      subnetIds: network.vpc.selectSubnets(network.dataSubnets).subnetIds,
    })
    const parameters = new CfnParameterGroup(this, "Parameters", {
      cacheParameterGroupFamily: "valkey8",
      description: "Live ids stay until the sale ends: a full cache refuses rather than forgets",
      properties: { "maxmemory-policy": "noeviction", "cluster-enabled": "no", timeout: "0" },
    })
    const failsOver = stage.cache.replicas > 0
    this.replicationGroup = new CfnReplicationGroup(this, "Nodes", {
      replicationGroupDescription: `Flash sale, ${stage.name}`,
      engine: "valkey",
      engineVersion: "8.1",
      clusterMode: "disabled",
      cacheNodeType: stage.cache.nodeType,
      numCacheClusters: 1 + stage.cache.replicas,
      automaticFailoverEnabled: failsOver,
      multiAzEnabled: failsOver,
      port: cachePort,
      cacheParameterGroupName: parameters.ref,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [group.securityGroupId],
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      atRestEncryptionEnabled: true,
      kmsKeyId: key.keyArn,
      authToken: this.#token.secretValue.unsafeUnwrap(),
      autoMinorVersionUpgrade: false,
      preferredMaintenanceWindow: "tue:04:00-tue:05:00",
    })
    if (!failsOver) {
      Validations.of(this.replicationGroup).acknowledge({ id: "AwsSolutions-AEC4", reason: notForTrials.cacheFailsOver })
    }
    this.members = Array.from(
      { length: 1 + stage.cache.replicas },
      (_, index) => `${this.replicationGroup.ref}-${String(index + 1).padStart(3, "0")}`,
    )
  }

  /** Lets the function that rotates secrets change the token, here and where it is checked. */
  rotatedBy(rotator: Pick<Connectable, "grantPrincipal" | "addEnvironment">): ISecret {
    letRotate(rotator, this.#token as ISecret)
    rotator.addEnvironment(secretVariable("REDIS_AUTH_TOKEN"), this.#token.secretArn)
    rotator.addEnvironment("REPLICATION_GROUP_ID", this.replicationGroup.ref)
    const group = Stack.of(this).formatArn({
      service: "elasticache",
      resource: "replicationgroup",
      resourceName: this.replicationGroup.ref,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    const actions = ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"]
    rotator.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [group] }))
    return this.#token as ISecret
  }

  /** Lets a function read and write the projections: grants the network path to the primary, `REDIS_URL` and the token. */
  connect(client: Connectable): void {
    client.connections.allowTo(this, Port.tcp(cachePort), "Valkey")
    client.addEnvironment("REDIS_URL", `rediss://${this.replicationGroup.attrPrimaryEndPointAddress}:${cachePort}`)
    letRead(client, this.#token as ISecret)
    client.addEnvironment(secretVariable("REDIS_AUTH_TOKEN"), this.#token.secretArn)
  }
}
