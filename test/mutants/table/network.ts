import { type BrokenPromise, inFile } from "../mutant.ts"

const made = inFile("lib/constructs/sale-function.ts", "app")
const functions = inFile("lib/constructs/sale-functions.ts", "app")
const network = inFile("lib/constructs/network.ts", "network")
const database = inFile("lib/constructs/database.ts", "app")

/** Which connections the network allows. */
export const networkMutants: readonly BrokenPromise[] = [
  {
    promise: "only functions that pay reach the internet",
    mutants: [
      {
        ...functions,
        name: "the reservation function reaches it too",
        replace: 'new Set(["checkout", "event-reactor", "expiry-sweeper", "ops", "ops-checks"])',
        with: 'new Set(["checkout", "event-reactor", "expiry-sweeper", "ops", "ops-checks", "reservation"])',
      },
      {
        ...functions,
        name: "the reconciler does not reach it",
        replace: 'new Set(["checkout", "event-reactor", "expiry-sweeper", "ops", "ops-checks"])',
        with: 'new Set(["checkout", "event-reactor", "ops", "ops-checks"])',
      },
      {
        ...network,
        name: "all functions reach it",
        replace: '"functions", subnetType: inside',
        with: '"functions", subnetType: SubnetType.PRIVATE_WITH_EGRESS',
      },
      {
        ...network,
        killedBy: "app",
        name: "all functions run in the payment subnets",
        replace: "pays ? this.paymentSubnets : this.functionSubnets",
        with: "pays ? this.paymentSubnets : this.paymentSubnets",
      },
      {
        ...network,
        name: "the data subnets reach it",
        replace: '"data", subnetType: inside',
        with: '"data", subnetType: SubnetType.PRIVATE_WITH_EGRESS',
      },
      {
        ...network,
        name: "subnets assign public addresses",
        replace: "mapPublicIpOnLaunch: false",
        with: "mapPublicIpOnLaunch: true",
      },
    ],
  },
  {
    promise: "AWS is reached without leaving the network",
    mutants: [
      {
        ...network,
        name: "SECRETS_MANAGER has no endpoint",
        replace: "InterfaceVpcEndpointAwsService.SECRETS_MANAGER,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "CLOUDWATCH_LOGS has no endpoint",
        replace: "InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "XRAY has no endpoint",
        replace: "InterfaceVpcEndpointAwsService.XRAY,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "COGNITO_IDP has no endpoint",
        replace: "InterfaceVpcEndpointAwsService.COGNITO_IDP,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "S3 has no endpoint",
        replace: "GatewayVpcEndpointAwsService.S3,",
        with: "GatewayVpcEndpointAwsService.DYNAMODB,",
      },
      { ...network, name: "endpoints have no private DNS", replace: "privateDnsEnabled: true", with: "privateDnsEnabled: false" },
      {
        ...network,
        name: "functions cannot connect to the endpoints",
        replace: "    client.connections.allowTo(services",
        with: "    if (https.canInlineRule === false) client.connections.allowTo(services",
      },
    ],
  },
  {
    promise: "flows are logged",
    mutants: [
      { ...network, name: "no flow log", replace: 'vpc.addFlowLog("FlowLog", {', with: "void ({" },
      {
        ...network,
        killedBy: "templates",
        name: "flows are kept for ten years",
        replace: 'new LogGroup(this, "FlowLogGroup", { retention: stage.logRetentionDays',
        with: 'new LogGroup(this, "FlowLogGroup", { retention: 3_653',
      },
    ],
  },
  {
    promise: "the network opens only connected paths",
    mutants: [
      {
        ...network,
        name: "security groups allow all outbound traffic",
        replace: "description, allowAllOutbound: false",
        with: "description, allowAllOutbound: true",
      },
      { ...network, name: "endpoints are open to the whole network", replace: "open: false", with: "open: true" },
      {
        ...made,
        name: "functions allow all outbound traffic",
        replace: "description: functionName, allowAllOutbound: false",
        with: "description: functionName, allowAllOutbound: true",
      },
      { ...network, name: "any port of the internet", replace: "Peer.anyIpv4(), https", with: "Peer.anyIpv4(), Port.allTcp()" },
      {
        ...database,
        name: "PostgreSQL is open to the internet",
        replace: "client.connections.allowTo(this.instance, Port.tcp(databasePort)",
        with: "this.instance.connections.allowFromAnyIpv4(Port.tcp(databasePort)",
      },
      {
        ...inFile("lib/constructs/cache.ts", "app"),
        name: "every port of Valkey is open",
        replace: "client.connections.allowTo(this, Port.tcp(cachePort)",
        with: "client.connections.allowTo(this, Port.allTcp()",
      },
    ],
  },
]
