import { type BrokenPromise, inFile } from "../mutant.ts"

const made = inFile("lib/constructs/sale-function.ts", "app")
const functions = inFile("lib/constructs/sale-functions.ts", "app")
const network = inFile("lib/constructs/network.ts", "network")
const database = inFile("lib/constructs/database.ts", "app")

/** Which connections the network allows. */
export const networkMutants: readonly BrokenPromise[] = [
  {
    promise: "a way out for those who pay only",
    mutants: [
      {
        ...functions,
        name: "status has one too",
        replace: 'new Set(["checkout", "event-reactor", "expiry-sweeper"])',
        with: 'new Set(["checkout", "event-reactor", "expiry-sweeper", "reservation"])',
      },
      {
        ...functions,
        name: "the reconciler has none",
        replace: 'new Set(["checkout", "event-reactor", "expiry-sweeper"])',
        with: 'new Set(["checkout", "event-reactor"])',
      },
      {
        ...network,
        name: "all functions have one",
        replace: '"functions", subnetType: SubnetType.PRIVATE_ISOLATED',
        with: '"functions", subnetType: SubnetType.PRIVATE_WITH_EGRESS',
      },
      {
        ...network,
        killedBy: "app",
        name: "all run where one is",
        replace: "pays ? this.paymentSubnets : this.functionSubnets",
        with: "pays ? this.paymentSubnets : this.paymentSubnets",
      },
      {
        ...network,
        name: "data has one",
        replace: '"data", subnetType: SubnetType.PRIVATE_ISOLATED',
        with: '"data", subnetType: SubnetType.PRIVATE_WITH_EGRESS',
      },
      { ...network, name: "addresses of their own", replace: "mapPublicIpOnLaunch: false", with: "mapPublicIpOnLaunch: true" },
    ],
  },
  {
    promise: "AWS is reached without leaving the network",
    mutants: [
      {
        ...network,
        name: "SECRETS_MANAGER is not",
        replace: "InterfaceVpcEndpointAwsService.SECRETS_MANAGER,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "KMS is not",
        replace: "InterfaceVpcEndpointAwsService.KMS,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "CLOUDWATCH_LOGS is not",
        replace: "InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "CLOUDWATCH_MONITORING is not",
        replace: "InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "XRAY is not",
        replace: "InterfaceVpcEndpointAwsService.XRAY,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "STS is not",
        replace: "InterfaceVpcEndpointAwsService.STS,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "LAMBDA is not",
        replace: "InterfaceVpcEndpointAwsService.LAMBDA,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "COGNITO_IDP is not",
        replace: "InterfaceVpcEndpointAwsService.COGNITO_IDP,",
        with: "InterfaceVpcEndpointAwsService.ATHENA,",
      },
      {
        ...network,
        name: "S3 is not",
        replace: "GatewayVpcEndpointAwsService.S3,",
        with: "GatewayVpcEndpointAwsService.DYNAMODB,",
      },
      { ...network, name: "under other names", replace: "privateDnsEnabled: true", with: "privateDnsEnabled: false" },
      {
        ...network,
        name: "the way is not open",
        replace: '    client.connections.allowTo(this.endpoints, https, "services of AWS")\n',
        with: '    if (https.canInlineRule === false) client.connections.allowTo(this.endpoints, https, "services of AWS")\n',
      },
    ],
  },
  {
    promise: "flows are logged",
    mutants: [
      { ...network, name: "none", replace: 'vpc.addFlowLog("FlowLog", {', with: "void ({" },
      {
        ...network,
        killedBy: "templates",
        name: "they are kept for ten years",
        replace: 'new LogGroup(this, "FlowLogGroup", { retention: stage.logRetentionDays',
        with: 'new LogGroup(this, "FlowLogGroup", { retention: 3_653',
      },
    ],
  },
  {
    promise: "nothing is open that was not connected",
    mutants: [
      {
        ...network,
        name: "groups let everything out",
        replace: "description, allowAllOutbound: false",
        with: "description, allowAllOutbound: true",
      },
      { ...network, name: "endpoints are open to the network", replace: "open: false", with: "open: true" },
      {
        ...made,
        name: "functions let everything out",
        replace: "description: functionName, allowAllOutbound: false",
        with: "description: functionName, allowAllOutbound: true",
      },
      { ...network, name: "any port of the world", replace: "Peer.anyIpv4(), https", with: "Peer.anyIpv4(), Port.allTcp()" },
      {
        ...database,
        name: "PostgreSQL to the world",
        replace: "client.connections.allowTo(this.instance, Port.tcp(databasePort)",
        with: "this.instance.connections.allowFromAnyIpv4(Port.tcp(databasePort)",
      },
      {
        ...inFile("lib/constructs/cache.ts", "app"),
        name: "every port of Valkey",
        replace: "client.connections.allowTo(this, Port.tcp(cachePort)",
        with: "client.connections.allowTo(this, Port.allTcp()",
      },
    ],
  },
]
