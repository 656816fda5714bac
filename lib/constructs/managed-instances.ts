import { Validations } from "aws-cdk-lib"
import * as ec2 from "aws-cdk-lib/aws-ec2"
import * as lambda from "aws-cdk-lib/aws-lambda"
import { Construct } from "constructs"
import { idleEnvironments } from "../capacity/warm-targets.ts"
import type { ManagedInstancesConfig } from "../config.ts"
import type { Placement, SaleFunction } from "./sale-function.ts"

export interface ManagedInstancesProps {
  readonly config: ManagedInstancesConfig
  readonly placement: Placement
  readonly function: SaleFunction
}

/**
 * The variable that says how many worker threads Lambda's Node.js runtime starts in an environment on managed instances. Each
 * thread initialises the function. Source: docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-nodejs-runtime.html.
 */
const workerCountVariable = "AWS_LAMBDA_NODEJS_WORKER_COUNT"

/**
 * EC2 instances on which Lambda runs a function, many requests in one process, so that they share its connections and its linger.
 * Lambda adds none when requests arrive: the minimum must be raised before the opening.
 */
export class ManagedInstances extends Construct {
  constructor(scope: Construct, id: string, { config, placement, function: target }: ManagedInstancesProps) {
    super(scope, id)
    Validations.of(this).acknowledge({
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator]",
      reason: "What Lambda needs to run instances in our name is written by AWS and bound to its own tag.",
    })
    Validations.of(target.function).acknowledge({
      id: "Annotation::aws-lambda:Function.CapacityProviderConfiguration",
      reason: "A function on instances has a name and a logical id of its own: a stage that goes back gets the other function.",
    })
    target.addEnvironment(workerCountVariable, String(config.workersPerEnvironment))
    const provider = new lambda.CapacityProvider(this, "Provider", {
      architectures: [lambda.Architecture.ARM_64],
      ...(config.instanceTypes && {
        instanceTypeFilter: lambda.InstanceTypeFilter.allow(config.instanceTypes.map((type) => new ec2.InstanceType(type))),
      }),
      subnets: placement.vpc.selectSubnets(placement.vpcSubnets).subnets,
      securityGroups: [target.securityGroup],
      scalingOptions: lambda.ScalingOptions.auto(),
    })
    provider.addFunction(target.function as lambda.IFunction, {
      perExecutionEnvironmentMaxConcurrency: config.requestsPerEnvironment,
      executionEnvironmentMemoryGiBPerVCpu: config.memoryGiBPerVcpu,
      publishToLatestPublished: true,
      latestPublishedScalingConfig: {
        minExecutionEnvironments: idleEnvironments,
        maxExecutionEnvironments: config.maximumEnvironments,
      },
    })
  }
}
