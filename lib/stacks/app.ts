import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import type { Construct } from "constructs"
import { requestsTopicOf } from "../../core/contracts/topics.ts"
import { type AppFunctionName, functionNames, type StageConfig, streamFunctionNames } from "../config.ts"
import { DeploymentStep, schemaFingerprint } from "../constructs/custom-resources.ts"
import { GradualDeployment } from "../constructs/deployment.ts"
import { EventSource } from "../constructs/event-source.ts"
import { FailedSchedules } from "../constructs/failed-schedules.ts"
import { letOperateGroups } from "../constructs/group-operations.ts"
import { SaleApi } from "../constructs/http-api.ts"
import type { Network } from "../constructs/network.ts"
import { Operators } from "../constructs/operators.ts"
import type { SaleFunction } from "../constructs/sale-function.ts"
import { SaleFunctions } from "../constructs/sale-functions.ts"
import { MinuteSchedule } from "../constructs/schedules.ts"
import { SecretRotation } from "../constructs/secret-rotation.ts"
import type { Shoppers } from "../constructs/shoppers.ts"
import { Snapshots } from "../constructs/snapshots.ts"
import { Warmer } from "../constructs/warmer.ts"
import { generationOf } from "../requests-generation.ts"
import type { DataStack } from "./data.ts"

export interface AppStackProps extends StackProps {
  readonly stage: StageConfig
  readonly network: Network
  readonly data: DataStack
  readonly shoppers: Shoppers
}

const elsewhere: ReadonlySet<string> = new Set([...streamFunctionNames, "pager", "token-claims"])
const appFunctionNames = functionNames.filter((name): name is AppFunctionName => !elsewhere.has(name))

/**
 * Everything that serves a sale, and the resources it may use. It holds no data: it can be deployed at any time but during a
 * sale.
 */
export class AppStack extends Stack {
  readonly api: SaleApi
  readonly functions: SaleFunctions<AppFunctionName>["all"]
  /** The alarms that roll a deployment back. */
  readonly deployAlarmNames: readonly string[]

  constructor(scope: Construct, id: string, props: AppStackProps) {
    super(scope, id, props)
    const { stage, data } = props
    const { log } = data
    const functions = new SaleFunctions(this, "Functions", { ...props, names: appFunctionNames })
    this.functions = functions.all
    const { "batch-writer": writer, "expiry-sweeper": sweeper, admin, ops, provisioner, warmer } = this.functions

    log.bootstrapBrokers = this.#brokers(props)
    this.#connectReaders(data)
    this.#connectShoppersPath(props)
    this.#connectBackground(data)
    this.#letOperate(props)
    this.#migrateFirst(props, provisioner)

    // Each generation has a mapping of its own. It follows the writer, and the writer follows the provisioner, which refuses a
    // generation while the one before has not ended.
    const feed = requestsTopicOf(generationOf(stage), "Feed")
    new EventSource(this, feed, { stage, log, function: writer, group: "inventory-batch-writer" })
    const failures = new FailedSchedules(this, "FailedSchedules", { stage, stack: "app" })
    new MinuteSchedule(this, "Sweep", {
      failures,
      function: sweeper,
      description: "Holds end, sales close, the ledger is published",
      minutes: stage.expiry.scheduleSeconds / 60,
    })
    new Warmer(this, "Warm", { stage, warmer, callers: [admin, ops], failures })
    new SecretRotation(this, "Rotation", { stage, rotator: this.functions["secret-rotation"], data })
    new Snapshots(this, "Snapshots", { stage, database: data.database, failures })
    this.api = new SaleApi(this, "Api", { stage, functions: this.functions })
    new CfnOutput(this, "ApiHost", {
      value: this.api.host,
      description: "The parameter of the edge stack, where there is no domain",
    })
    const deployment = new GradualDeployment(this, "Deployment", {
      stage,
      functions: functions.api.filter(({ alias }) => alias !== undefined),
    })
    this.deployAlarmNames = deployment.alarmNames
  }

  /** The functions of public reads, and orders. */
  #connectReaders({ database, cache, log, secrets }: DataStack): void {
    const { catalogue, availability, orders, health, documents } = this.functions
    for (const reader of [catalogue, availability, health]) {
      database.connect(reader, "reader")
      cache.connect(reader)
    }
    database.connect(orders, "reader")
    log.observes(health, "reservationRequests")
    secrets.grant(documents, "RECEIPT_KEYS")
  }

  /** The functions from admission to payment. */
  #connectShoppersPath({ stage, network, data: { database, cache, log, secrets, analytics } }: AppStackProps): void {
    const { reserve, "reserve-batch": reserveBatch, reservation, checkout, admin } = this.functions
    for (const intake of [reserve, reserveBatch]) {
      // In direct mode these functions decide.
      database.connect(intake, "reader", "transition")
      log.produces(intake, "reservationRequests")
    }
    database.connect(reservation, "reader", "transition")
    database.connect(checkout, "reader", "transition", "checkout")
    database.connect(admin, "admin", "reader", "transition")
    log.observes(admin, "reservationRequests")
    analytics.connect(admin, "reads")
    network.reachesDynamoDb(admin)
    for (const shopping of [reserve, reserveBatch, reservation, checkout, admin]) cache.connect(shopping)
    for (const receiving of [reserve, reserveBatch, reservation, checkout]) secrets.grant(receiving, "RECEIPT_KEYS")
    secrets.grant(checkout, "PAYMENT_WEBHOOK_SECRET")
    // Shoppers return to this URL from the provider's page. On a stage without a domain the edge says the name (site-host.ts).
    if (stage.domain) checkout.addEnvironment("PAYMENT_RETURN_URL", `https://${stage.domain.siteName}/`)
  }

  /** The functions that no client waits for. */
  #connectBackground({ database, cache, log, archive }: DataStack): void {
    const { "batch-writer": writer, "expiry-sweeper": sweeper, warmer } = this.functions
    database.connect(warmer, "reader")
    for (const background of [writer, sweeper]) cache.connect(background)
    database.connect(writer, "transition")
    database.connect(sweeper, "reader", "transition", "checkout", "relay")
    log.produces(sweeper, "reservationEvents")
    log.observes(sweeper, "reservationRequests")
    log.observesGroups(sweeper, "reservationEvents")
    archive.receives(sweeper)
  }

  /** The functions of the operators' commands. Their own policy says who may invoke them. */
  #letOperate({ stage, data: { database, cache, log, analytics, notices } }: AppStackProps): void {
    const { ops, "ops-checks": checks } = this.functions
    database.connect(ops, "admin", "reader", "transition")
    cache.connect(ops)
    letOperateGroups({ stage, ops, log })
    // A replay begins a new generation of the figures.
    analytics.connect(ops, "counts")
    notices.operatedBy(ops)
    // The long checks read, and change nothing.
    database.connect(checks, "reader")
    cache.connect(checks)
    log.readBy(checks, "reservationRequests")
    const { policy } = new Operators(this, "Operators", { stage, invoked: [ops, checks] })
    new CfnOutput(this, "OperatorsPolicyArn", {
      value: policy.managedPolicyArn,
      description: "Lets its bearers run `npm run ops`",
    })
  }

  #brokers({ stage, data }: AppStackProps): string {
    const asker = this.functions["bootstrap-brokers"]
    const { attrArn } = data.log.cluster
    asker.role.addToPolicy(new PolicyStatement({ actions: ["kafka:GetBootstrapBrokers"], resources: [attrArn] }))
    const properties = { ClusterArn: attrArn, Auth: stage.kafka.auth }
    return new DeploymentStep(this, "Brokers", { stage, function: asker, properties }).resource.getAttString("Brokers")
  }

  /** No function gets new code before the database is migrated. Migrations only add what the previous version tolerates. */
  #migrateFirst({ stage, data }: AppStackProps, provisioner: SaleFunction): void {
    data.database.provisionedBy(provisioner)
    data.log.provisionedBy(provisioner)
    const migrated = new DeploymentStep(this, "Migrations", {
      stage,
      function: provisioner,
      properties: { Schema: schemaFingerprint(generationOf(stage)) },
    })
    for (const other of Object.values(this.functions)) {
      if (other === provisioner || other.name === "bootstrap-brokers") continue
      other.function.node.addDependency(migrated.resource)
    }
  }
}
