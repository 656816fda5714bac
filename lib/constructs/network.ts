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
import { type EndpointName, endpointsOf } from "../capacity/endpoints.ts"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { hardenInstances, natInstances } from "./nat-instance.ts"
import { removalPolicyOf } from "./retention.ts"

const https = Port.tcp(443)

/** DynamoDB's addresses in a region, by the list that AWS manages: `aws ec2 describe-managed-prefix-lists` shows its id. */
const dynamoDbPrefixLists: Readonly<Record<string, string>> = {
  "eu-central-1": "pl-66a5400f",
  "eu-west-1": "pl-6fa54006",
  "us-east-1": "pl-02cd2c6b",
}

/** The services of AWS behind endpoints. */
const awsApis = {
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  // The keys that verify shoppers' tokens.
  Identity: InterfaceVpcEndpointAwsService.COGNITO_IDP,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Tracing: InterfaceVpcEndpointAwsService.XRAY,
  Tokens: InterfaceVpcEndpointAwsService.STS,
  Functions: InterfaceVpcEndpointAwsService.LAMBDA,
} as const satisfies Record<EndpointName, InterfaceVpcEndpointAwsService>

/**
 * Each zone has a subnet for data, one for functions, both without a route to the internet, and one for the functions that call
 * the payment provider. Nothing is open at first: connecting a function to a resource opens the path between the two. In a trial
 * all of them have a route through one instance, in place of endpoints; the security groups are as closed.
 */
export class Network extends Construct {
  readonly vpc: IVpc
  /** Where functions run, without a route to the internet. */
  readonly functionSubnets: SubnetSelection = { subnetGroupName: "functions" }
  /** Where functions run that call the payment provider, through NAT. */
  readonly paymentSubnets: SubnetSelection = { subnetGroupName: "payment" }
  readonly dataSubnets: SubnetSelection = { subnetGroupName: "data" }
  /** The security group of the endpoints, where there are some; `reachesAws` opens it. */
  private readonly endpoints: SecurityGroup | undefined
  readonly #dynamoDb: string

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const dynamoDb = dynamoDbPrefixLists[stage.region]
    if (dynamoDb === undefined) {
      throw new Error(`DynamoDB's addresses in ${stage.region} are not known: add their list to lib/constructs/network.ts`)
    }
    this.#dynamoDb = dynamoDb
    const { natInstance } = stage.network
    const instances = natInstance === undefined ? undefined : natInstances(natInstance)
    const inside = instances ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED
    const vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(stage.network.cidr),
      availabilityZones: [...stage.availabilityZones],
      natGateways: stage.network.natGateways,
      ...(instances && { natGatewayProvider: instances }),
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: "nat", subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
        { name: "payment", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 23 },
        { name: "functions", subnetType: inside, cidrMask: 20 },
        { name: "data", subnetType: inside, cidrMask: 24 },
      ],
    })
    // CDK's classes do not match their interfaces under exactOptionalPropertyTypes, here and at other casts.
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
    vpc.addGatewayEndpoint("Figures", {
      service: GatewayVpcEndpointAwsService.DYNAMODB,
      subnets: [this.functionSubnets, this.paymentSubnets],
    })
    if (instances) hardenInstances(instances, stage.network.cidr)
    this.endpoints = this.#endpoints(vpc, stage)
  }

  #endpoints(vpc: Vpc, stage: StageConfig): SecurityGroup | undefined {
    const names = endpointsOf(stage)
    if (names.length === 0) return undefined
    const group = this.securityGroup("Endpoints", "Endpoints of the services of AWS")
    for (const name of names) {
      vpc.addInterfaceEndpoint(name, {
        service: awsApis[name],
        open: false,
        privateDnsEnabled: true,
        securityGroups: [group],
        subnets: this.functionSubnets,
      })
    }
    return group
  }

  /** A security group that lets nothing in or out until something is connected. */
  securityGroup(id: string, description: string, scope: Construct = this): SecurityGroup {
    return new SecurityGroup(scope, `${id}SecurityGroup`, { vpc: this.vpc, description, allowAllOutbound: false })
  }

  /** Where a function runs: with a route to the payment provider, or without a route out of the network. */
  placement({ pays = false }: { readonly pays?: boolean } = {}): { readonly vpc: IVpc; readonly vpcSubnets: SubnetSelection } {
    return { vpc: this.vpc, vpcSubnets: pays ? this.paymentSubnets : this.functionSubnets }
  }

  /** Opens the path to the services of AWS. */
  reachesAws(client: Pick<Connectable, "connections">): void {
    const services = this.endpoints ?? Peer.anyIpv4()
    client.connections.allowTo(services, https, "services of AWS")
  }

  /** Opens the path to DynamoDB, through its gateway. @throws Error for a region whose list of addresses is not known */
  reachesDynamoDb(client: Pick<Connectable, "connections">): void {
    client.connections.allowTo(Peer.prefixList(this.#dynamoDb), https, "DynamoDB")
  }

  /** Opens the path to the mail provider and to the shop's own page, whose addresses are not known beforehand. */
  reachesMailProvider(client: Pick<Connectable, "connections">): void {
    this.#reachesInternet(client, "mail provider and catalogue")
  }

  /** Opens the path to the payment provider, whose addresses are not known beforehand. */
  reachesPaymentProvider(client: Pick<Connectable, "connections">): void {
    this.#reachesInternet(client, "payment provider")
  }

  #reachesInternet(client: Pick<Connectable, "connections">, why: string): void {
    client.connections.allowTo(Peer.anyIpv4(), https, why)
  }
}
