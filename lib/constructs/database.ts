import { Duration, Validations } from "aws-cdk-lib"
import { InstanceType, Port } from "aws-cdk-lib/aws-ec2"
import { Key } from "aws-cdk-lib/aws-kms"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  StorageType,
  SubnetGroup,
} from "aws-cdk-lib/aws-rds"
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager"
import { Construct } from "constructs"
import { type DatabaseRole, databaseRoles, databaseSecretVariable } from "../../core/contracts/environment.ts"
import type { StageConfig } from "../config.ts"
import { notForTrials } from "../guardrails/trial.ts"
import type { Connectable } from "./connectable.ts"
import { DatabaseLogins } from "./database-logins.ts"
import { databaseParameters } from "./database-parameters.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"
import { letRead } from "./secret-access.ts"

export const databaseName = "flash_sale"
/** Not PostgreSQL's default port: scanners try the default first. */
export const databasePort = 5_433
const exportedLogs = ["postgresql", "upgrade"] as const
const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18_3 })

const instanceIdentifierOf = ({ name }: StageConfig) => `flash-sale-${name}`

/** RDS's own role. AWS defines its rights, and it can write to one log group only. */
export const monitoringRole = {
  id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]",
  reason: "Enhanced monitoring asks for this policy by name.",
}

/**
 * The ledger: PostgreSQL in two zones, in a trial in one. Functions know its writer endpoint only, and each role has a login of
 * its own.
 */
export class Database extends Construct {
  readonly instance: DatabaseInstance
  readonly key: Key
  /** The owner migrates and creates logins. Only the provisioner may read this secret. */
  readonly owner: ISecret
  readonly #logins: DatabaseLogins

  constructor(scope: Construct, id: string, { stage, network }: { readonly stage: StageConfig; readonly network: Network }) {
    super(scope, id)
    const removalPolicy = removalPolicyOf(stage)
    this.key = new Key(this, "Key", {
      description: "PostgreSQL: storage, insights, logins",
      enableKeyRotation: true,
      removalPolicy,
    })
    const logGroups = this.#logGroups(stage)
    this.instance = this.#instance(stage, network)
    this.instance.node.addDependency(...logGroups)
    Validations.of(this.instance).acknowledge(monitoringRole)
    if (!stage.retainData) {
      Validations.of(this.instance).acknowledge({
        id: "AwsSolutions-RDS10",
        reason: "A stage that says it keeps nothing is torn down with one command, and leaves nothing.",
      })
    }
    if (!stage.database.multiAz) {
      Validations.of(this.instance).acknowledge({ id: "AwsSolutions-RDS3", reason: notForTrials.databaseSurvives })
    }
    const { secret } = this.instance
    if (secret === undefined) throw new Error("The database has no owner")
    this.owner = secret
    this.#logins = new DatabaseLogins(this, "Logins", {
      ...{ stage, network },
      database: this.instance,
      databaseName,
      owner: secret,
      key: this.key,
    })
  }

  /** Lets a function act as the roles: grants their secrets and the network path, and sets `DATABASE_<ROLE>_SECRET_ARN`. */
  connect(client: Connectable, ...roles: readonly [DatabaseRole, ...DatabaseRole[]]): void {
    this.#admit(client)
    for (const role of roles) this.#tell(client, role, this.#logins.secrets[role])
  }

  /** Lets the provisioner migrate as the owner, and create the logins with the passwords that it reads. */
  provisionedBy(client: Connectable): void {
    this.connect(client, ...databaseRoles)
    this.#tell(client, "owner", this.owner)
  }

  /** Created before the instance writes to them: RDS would create them without an end of retention. */
  #logGroups(stage: StageConfig): readonly LogGroup[] {
    return exportedLogs.map(
      (name) =>
        new LogGroup(this, `Logs-${name}`, {
          logGroupName: `/aws/rds/instance/${instanceIdentifierOf(stage)}/${name}`,
          retention: stage.logRetentionDays,
          removalPolicy: removalPolicyOf(stage),
        }),
    )
  }

  #instance(stage: StageConfig, network: Network): DatabaseInstance {
    const { database } = stage
    const removalPolicy = removalPolicyOf(stage)
    return new DatabaseInstance(this, "Instance", {
      instanceIdentifier: instanceIdentifierOf(stage),
      engine,
      port: databasePort,
      databaseName,
      vpc: network.vpc,
      subnetGroup: new SubnetGroup(this, "Subnets", {
        description: "PostgreSQL",
        vpc: network.vpc,
        vpcSubnets: network.dataSubnets,
        removalPolicy,
      }),
      securityGroups: [network.securityGroup("Database", "PostgreSQL", this)],
      publiclyAccessible: false,
      instanceType: new InstanceType(database.instanceType),
      multiAz: database.multiAz,
      storageType: StorageType.GP3,
      allocatedStorage: database.allocatedGiB,
      maxAllocatedStorage: 2 * database.allocatedGiB,
      ...(database.iops !== undefined && { iops: database.iops }),
      storageEncrypted: true,
      storageEncryptionKey: this.key,
      credentials: Credentials.fromGeneratedSecret("flash_owner", { encryptionKey: this.key }),
      parameterGroup: new ParameterGroup(this, "Parameters", {
        engine,
        description: "Limits and logging of the sale",
        parameters: databaseParameters(database),
        removalPolicy,
      }),
      // Allows a restore to any second of these days. The request log is then replayed from the restored watermark.
      backupRetention: Duration.days(database.backupRetentionDays),
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: !stage.retainData,
      deletionProtection: stage.retainData,
      // Without a policy CloudFormation would leave a snapshot, which nobody can read once its key is gone.
      removalPolicy,
      // An automatic upgrade could happen in the night before a sale.
      autoMinorVersionUpgrade: false,
      preferredMaintenanceWindow: "Tue:03:00-Tue:04:00",
      preferredBackupWindow: "01:00-02:00",
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: this.key,
      performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
      // RDS writes these figures to a log group of the account (RDSOSMetrics), which no stack deletes.
      monitoringInterval: Duration.seconds(stage.retainData ? 15 : 0),
      cloudwatchLogsExports: [...exportedLogs],
    })
  }

  #tell(client: Connectable, login: DatabaseRole | "owner", secret: ISecret): void {
    letRead(client, secret)
    client.addEnvironment(databaseSecretVariable(login), secret.secretArn)
  }

  #admit(client: Connectable): void {
    client.connections.allowTo(this.instance, Port.tcp(databasePort), "PostgreSQL")
  }
}
