import { Validations } from "aws-cdk-lib"
import * as ec2 from "aws-cdk-lib/aws-ec2"
import * as lambda from "aws-cdk-lib/aws-lambda"
import { Construct } from "constructs"
import type { ManagedInstancesConfig } from "../config.ts"
import type { Placement, SaleFunction } from "./sale-function.ts"

/** Between sales: one environment in each zone, the minimum that stays ready. */
export const idleEnvironments = 3

export interface ManagedInstancesProps {
  readonly config: ManagedInstancesConfig
  readonly placement: Placement
  readonly function: SaleFunction
}

/**
 * EC2 instances on which Lambda runs a function, many requests in one process, so that they share its connections and its linger.
 * Lambda adds none when requests arrive; the schedules of the sale calendar raise the minimum before the opening.
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
      reason: "A stage that goes back to instances of Lambda's replaces the function; that is done between sales.",
    })
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
