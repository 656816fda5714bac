import { ArnFormat, Duration, Stack, Validations } from "aws-cdk-lib"
import * as ec2 from "aws-cdk-lib/aws-ec2"
import * as iam from "aws-cdk-lib/aws-iam"
import * as lambda from "aws-cdk-lib/aws-lambda"
import * as logs from "aws-cdk-lib/aws-logs"
import { Construct } from "constructs"
import { liveAlias } from "../../core/contracts/ops.ts"
import type { FunctionConfig, FunctionName, StageConfig } from "../config.ts"
import { functionNameOf, isOnInstances, logGroupNameOf } from "../function-name.ts"
import { requestsVariables } from "../requests-generation.ts"
import { bundleEnvironment, bundleHandler } from "./bundling.ts"
import type { Connectable } from "./connectable.ts"
import { bundleOf } from "./handler-bundles.ts"
import { removalPolicyOf } from "./retention.ts"

/** Where a function's network interfaces are. */
export interface Placement {
  readonly vpc: ec2.IVpc
  readonly vpcSubnets: ec2.SubnetSelection
}

export interface SaleFunctionProps {
  readonly stage: StageConfig
  /** Its folder in `lambdas/`; its size and concurrency are `stage.functions[name]`. */
  readonly name: FunctionName
  readonly description: string
  /** Absent for a function that calls nothing in the VPC. */
  readonly placement?: Placement
  /** True keeps versions and an alias `live`, so that traffic moves between them and environments can be kept warm. */
  readonly versioned?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * One function of `lambdas/`, with a role, a log group and a security group of its own. They allow nothing until it is
 * connected.
 */
export class SaleFunction extends Construct implements Connectable {
  readonly name: FunctionName
  readonly config: FunctionConfig
  readonly function: lambda.Function
  readonly role: iam.Role
  readonly grantPrincipal: iam.IPrincipal
  readonly logGroup: logs.LogGroup
  readonly alias: lambda.Alias | undefined
  private readonly group: ec2.SecurityGroup | undefined

  constructor(scope: Construct, id: string, props: SaleFunctionProps) {
    super(scope, id)
    const { stage, name, placement } = props
    // The instances have the network interfaces then, and no concurrency is reserved.
    const onInstances = isOnInstances(stage, name)
    const config = stage.functions[name]
    const functionName = functionNameOf(stage, name)
    this.name = name
    this.config = config

    this.logGroup = new logs.LogGroup(this, "Logs", {
      logGroupName: logGroupNameOf(stage, name),
      retention: stage.logRetentionDays,
      removalPolicy: removalPolicyOf(stage),
    })
    this.role = new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
      description: `What lambdas/${name} may do in stage ${stage.name}`,
    })
    this.grantPrincipal = this.role
    Validations.of(this.role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "X-Ray and EC2's network interfaces have no resources that a policy could name; the code itself is denied the latter.",
    })
    this.logGroup.grantWrite(this.role)

    this.group = placement
      ? new ec2.SecurityGroup(this, "SecurityGroup", { vpc: placement.vpc, description: functionName, allowAllOutbound: false })
      : undefined
    const inVpc = placement && !onInstances ? placement : undefined
    if (inVpc) this.allowNetworkInterfaces(functionName)

    this.function = new lambda.Function(this, onInstances ? "FunctionOnInstances" : "Function", {
      functionName,
      description: props.description,
      code: lambda.Code.fromAsset(bundleOf(name)),
      handler: bundleHandler,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: config.memoryMb,
      timeout: Duration.seconds(config.timeoutSeconds),
      role: this.role,
      logGroup: this.logGroup,
      // At the peak two platform log lines per request would cost more than the requests. Our own lines are sampled.
      loggingFormat: lambda.LoggingFormat.JSON,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      tracing: lambda.Tracing.ACTIVE,
      ...(inVpc && this.group && { vpc: inVpc.vpc, vpcSubnets: inVpc.vpcSubnets, securityGroups: [this.group] }),
      ...(config.reservedConcurrency !== undefined &&
        !onInstances && { reservedConcurrentExecutions: config.reservedConcurrency }),
      environment: {
        STAGE: stage.name,
        SERVICE_NAME: name,
        LOG_LEVEL: "INFO",
        WARM_UP: "on",
        ...requestsVariables(stage),
        ...bundleEnvironment,
        ...props.environment,
      },
    })
    this.alias = props.versioned
      ? new lambda.Alias(this, "Live", { aliasName: liveAlias, version: this.function.currentVersion as lambda.IVersion })
      : undefined
  }

  /** What callers invoke: the alias where versions are kept, else the function. */
  get target(): lambda.IFunction {
    return (this.alias ?? this.function) as lambda.IFunction
  }

  /** The security group that resources admit. @throws Error for a function outside the VPC */
  get connections(): ec2.Connections {
    return new ec2.Connections({ securityGroups: [this.securityGroup] })
  }

  get securityGroup(): ec2.SecurityGroup {
    if (this.group === undefined) throw new Error(`${this.name} is outside the VPC: give it a placement before connecting it`)
    return this.group
  }

  addEnvironment(name: string, value: string): void {
    this.function.addEnvironment(name, value)
  }

  /**
   * Lambda creates network interfaces with the function's role; the function's own code must not. These actions name no
   * resource.
   */
  private allowNetworkInterfaces(functionName: string): void {
    const actions = [
      "ec2:CreateNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:DeleteNetworkInterface",
      "ec2:AssignPrivateIpAddresses",
      "ec2:UnassignPrivateIpAddresses",
    ]
    const functionArn = Stack.of(this).formatArn({
      service: "lambda",
      resource: "function",
      resourceName: functionName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    this.role.addToPolicy(new iam.PolicyStatement({ sid: "NetworkInterfaces", actions, resources: ["*"] }))
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid: "NotByTheCodeItself",
        effect: iam.Effect.DENY,
        actions,
        resources: ["*"],
        conditions: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
      }),
    )
  }
}
