import { Duration } from "aws-cdk-lib"
import type { IKey } from "aws-cdk-lib/aws-kms"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { type DatabaseInstance, DatabaseSecret } from "aws-cdk-lib/aws-rds"
import { HostedRotation, type ISecret } from "aws-cdk-lib/aws-secretsmanager"
import { Construct } from "constructs"
import { type DatabaseRole, databaseRoles } from "../../core/contracts/environment.ts"
import { deployedFunctionName, logGroupOf } from "../../core/contracts/ops.ts"
import type { StageConfig } from "../config.ts"
import type { Network } from "./network.ts"
import { removalPolicyOf } from "./retention.ts"

export interface DatabaseLoginsProps {
  readonly stage: StageConfig
  readonly network: Network
  readonly database: DatabaseInstance
  readonly databaseName: string
  readonly owner: ISecret
  readonly key: IKey
}

const rotationDays = 30

/**
 * One login for each role, with its password in a secret that rotates. Two users alternate: the previous user stays valid for a
 * whole period, so that no connection fails while functions still use its password.
 */
export class DatabaseLogins extends Construct {
  /** The secret of each role's login: `{ username, password, host, port, dbname }`. */
  readonly secrets: Readonly<Record<DatabaseRole, ISecret>>

  constructor(scope: Construct, id: string, props: DatabaseLoginsProps) {
    super(scope, id)
    const { stage, network, database, owner } = props
    const rotator = network.securityGroup("Rotation", "Rotation of database passwords", this)
    network.reachesAws(rotator)
    database.connections.allowDefaultPortFrom(rotator, "rotation of passwords")
    const placement = { vpc: network.vpc, vpcSubnets: network.functionSubnets, securityGroups: [rotator] }
    // Rotation must not begin before the provisioner has created the login.
    const schedule = { automaticallyAfter: Duration.days(rotationDays), rotateImmediatelyOnUpdate: false }

    const rotatorOf = (login: DatabaseRole | "owner") => ({ ...placement, functionName: this.#rotator(stage, login) })

    owner.addRotationSchedule("Rotation", {
      ...schedule,
      hostedRotation: HostedRotation.postgreSqlSingleUser(rotatorOf("owner")),
    })
    const login = (role: DatabaseRole): ISecret => {
      const secret = new DatabaseSecret(this, `Login-${role}`, {
        username: `login_${role}`,
        dbname: props.databaseName,
        masterSecret: owner,
        encryptionKey: props.key,
      }).attach(database)
      secret.addRotationSchedule("Rotation", {
        ...schedule,
        hostedRotation: HostedRotation.postgreSqlMultiUser({ ...rotatorOf(role), masterSecret: owner }),
      })
      return secret
    }
    this.secrets = Object.fromEntries(databaseRoles.map((role) => [role, login(role)])) as Record<DatabaseRole, ISecret>
  }
  /** Secrets Manager makes the function. Its log group is ours: Lambda would make one without an end that outlives the stage. */
  #rotator(stage: StageConfig, login: DatabaseRole | "owner"): string {
    const name = deployedFunctionName(stage.name, `rotates-${login}`)
    new LogGroup(this, `Logs-${login}`, {
      logGroupName: logGroupOf(name),
      retention: stage.logRetentionDays,
      removalPolicy: removalPolicyOf(stage),
    })
    return name
  }
}
