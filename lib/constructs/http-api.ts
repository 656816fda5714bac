import { CfnOutput, Fn, Validations } from "aws-cdk-lib"
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2"
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations"
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53"
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets"
import { StringParameter } from "aws-cdk-lib/aws-ssm"
import { Construct } from "constructs"
import { defaultLambda, routes } from "../../core/contracts/http/routes.ts"
import type { FunctionName, StageConfig } from "../config.ts"
import { removalPolicyOf } from "./retention.ts"
import type { SaleFunction } from "./sale-function.ts"

/** The fields of an access log line. There is no address, no token and no query, which may hold a receipt. */
const accessLogFields = {
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  route: "$context.routeKey",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  error: "$context.integrationErrorMessage",
}

/** Where the edge of a stage without a domain finds the API's generated name. */
export const apiHostParameterName = ({ name }: Pick<StageConfig, "name">): string => `/flash-sale/${name}/api-host`

export interface SaleApiProps {
  readonly stage: StageConfig
  readonly functions: Readonly<Partial<Record<FunctionName, SaleFunction>>>
}

/**
 * The routes of core/contracts/http/routes.ts, each with its function. Our own code verifies tokens and writes refusals: an HTTP
 * API cannot shape its own 401, 404 and 413. Hence there are no authorizers, and a default route matches every other path.
 */
export class SaleApi extends Construct {
  readonly api: apigateway.HttpApi
  /** The host name for CloudFront. */
  readonly host: string

  constructor(scope: Construct, id: string, { stage, functions }: SaleApiProps) {
    super(scope, id)
    Validations.of(this).acknowledge({
      id: "AwsSolutions-APIG4",
      reason:
        "Tokens are verified in the functions: an HTTP API cannot word its own 401, and the answer must be the same as locally.",
    })
    const domain = stage.domain && this.domain(stage.domain, stage.disasterRecovery === undefined)
    this.api = new apigateway.HttpApi(this, "Api", {
      apiName: `flash-sale-${stage.name}`,
      description: "The flash sale, behind CloudFront",
      createDefaultStage: false,
      // With a domain the API has this one entry point. Without it CloudFront uses the generated name; the origin secret
      // protects it.
      disableExecuteApiEndpoint: domain !== undefined,
    })
    const integrations = new Map<string, HttpLambdaIntegration>()
    const integrationOf = (name: string): HttpLambdaIntegration => {
      const known = integrations.get(name)
      if (known) return known
      const target = Object.values(functions).find((candidate) => candidate.name === name)
      if (target === undefined) throw new Error(`A route names lambdas/${name}, which is no function of this stack`)
      const integration = new HttpLambdaIntegration(name, target.target)
      integrations.set(name, integration)
      return integration
    }
    for (const { method, path, lambda } of routes) {
      this.api.addRoutes({ path, methods: [apigateway.HttpMethod[method]], integration: integrationOf(lambda) })
    }
    new apigateway.HttpRoute(this, "NothingElse", {
      httpApi: this.api,
      routeKey: apigateway.HttpRouteKey.DEFAULT,
      integration: integrationOf(defaultLambda),
    })
    this.stage(stage, domain)
    this.host = stage.domain?.apiName ?? Fn.select(2, Fn.split("/", this.api.apiEndpoint))
    if (stage.domain === undefined) {
      new StringParameter(this, "HostParameter", {
        parameterName: apiHostParameterName(stage),
        description: "The API's name; the edge, in another region, reads it at its deployment",
        stringValue: this.host,
      })
    }
  }

  private stage(stage: StageConfig, domain: apigateway.DomainName | undefined): void {
    const logGroup = new LogGroup(this, "AccessLogs", {
      retention: stage.logRetentionDays,
      removalPolicy: removalPolicyOf(stage),
    })
    const { apiRequestsPerSecond } = stage.quotas
    const live = new apigateway.HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: apiRequestsPerSecond, burstLimit: apiRequestsPerSecond / 2 },
      detailedMetricsEnabled: true,
      ...(domain && { domainMapping: { domainName: domain } }),
    })
    const resource = live.node.defaultChild
    if (!(resource instanceof apigateway.CfnStage)) throw new Error("The stage of the API is no CfnStage")
    resource.accessLogSettings = { destinationArn: logGroup.logGroupArn, format: JSON.stringify(accessLogFields) }
  }

  private domain({ apiName, zoneName, hostedZoneId }: NonNullable<StageConfig["domain"]>, named: boolean): apigateway.DomainName {
    const zone = HostedZone.fromHostedZoneAttributes(this, "Zone", { zoneName, hostedZoneId })
    const certificate = new Certificate(this, "Certificate", {
      domainName: apiName,
      validation: CertificateValidation.fromDns(zone),
    })
    const domain = new apigateway.DomainName(this, "Domain", {
      domainName: apiName,
      certificate,
      securityPolicy: apigateway.SecurityPolicy.TLS_1_2,
    })
    if (named) {
      new ARecord(this, "Record", {
        zone,
        recordName: `${apiName}.`,
        target: RecordTarget.fromAlias(new ApiGatewayv2DomainProperties(domain.regionalDomainName, domain.regionalHostedZoneId)),
      })
    } else {
      // With a second region the name moves between the two: the stack DisasterRecovery has it (parameter PrimaryApiHost).
      new CfnOutput(this, "Host", {
        value: domain.regionalDomainName,
        description: "PrimaryApiHost of the stack DisasterRecovery",
      })
    }
    return domain
  }
}
