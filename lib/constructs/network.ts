import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { removalPolicyOf } from "./retention.ts"

const https = Port.tcp(443)

/** The services of AWS that functions call; everything else they could reach only through NAT, which they have not. */
const awsApis = {
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Keys: InterfaceVpcEndpointAwsService.KMS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Monitoring: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
  Tracing: InterfaceVpcEndpointAwsService.XRAY,
  Tokens: InterfaceVpcEndpointAwsService.STS,
  Functions: InterfaceVpcEndpointAwsService.LAMBDA,
  // The keys that verify shoppers' tokens.
  Identity: InterfaceVpcEndpointAwsService.COGNITO_IDP,
} as const

/**
 * Three zones, and in each a subnet for data, one for functions, neither with a way out, and one for the functions that pay.
 * Nothing is open from the start: connecting a function to a resource opens the way between the two.
 */
export class Network extends Construct {
  readonly vpc: IVpc
  /** Where functions run; no way to the internet. */
  readonly functionSubnets: SubnetSelection = { subnetGroupName: "functions" }
  /** Where the functions run that call the payment provider; out through NAT. */
  readonly paymentSubnets: SubnetSelection = { subnetGroupName: "payment" }
  readonly dataSubnets: SubnetSelection = { subnetGroupName: "data" }
  /** Never opened by hand: see reachesAws. */
  private readonly endpoints: SecurityGroup

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(stage.network.cidr),
      availabilityZones: [...stage.availabilityZones],
      natGateways: stage.network.natGateways,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: "nat", subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
        { name: "payment", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 23 },
        { name: "functions", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 },
        { name: "data", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    })
    // CDK's classes are not written for exactOptionalPropertyTypes, here and wherever one is taken for its interface.
    this.vpc = vpc as IVpc
    vpc.addFlowLog("FlowLog", {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, "FlowLogGroup", { retention: stage.logRetentionDays, removalPolicy: removalPolicyOf(stage) }),
      ),
    })
    vpc.addGatewayEndpoint("Archive", {
      service: GatewayVpcEndpointAwsService.S3,
      subnets: [this.functionSubnets, this.paymentSubnets],
    })
    this.endpoints = this.securityGroup("Endpoints", "Endpoints of the services of AWS")
    for (const [name, service] of Object.entries(awsApis)) {
      vpc.addInterfaceEndpoint(name, {
        service,
        open: false,
        privateDnsEnabled: true,
        securityGroups: [this.endpoints],
        subnets: this.functionSubnets,
      })
    }
  }

  /** A security group that lets nothing in or out until something is connected. */
  securityGroup(id: string, description: string, scope: Construct = this): SecurityGroup {
    return new SecurityGroup(scope, `${id}SecurityGroup`, { vpc: this.vpc, description, allowAllOutbound: false })
  }

  /** Where a function runs: with a way to the payment provider, or with none out of the network. */
  placement({ pays = false }: { readonly pays?: boolean } = {}): { readonly vpc: IVpc; readonly vpcSubnets: SubnetSelection } {
    return { vpc: this.vpc, vpcSubnets: pays ? this.paymentSubnets : this.functionSubnets }
  }

  /** Opens the way to the services of AWS. */
  reachesAws(client: Pick<Connectable, "connections">): void {
    client.connections.allowTo(this.endpoints, https, "services of AWS")
  }

  /** Opens the way to the payment provider, whose addresses nobody knows beforehand. */
  reachesPaymentProvider(client: Pick<Connectable, "connections">): void {
    client.connections.allowTo(Peer.anyIpv4(), https, "payment provider")
  }
}
