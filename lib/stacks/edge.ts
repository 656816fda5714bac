import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib"
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager"
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { AaaaRecord, ARecord, HostedZone, type IHostedZone, RecordTarget } from "aws-cdk-lib/aws-route53"
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets"
import { CfnProtection } from "aws-cdk-lib/aws-shield"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { parameterAtDeployment } from "../constructs/deployment-question.ts"
import { SaleDistribution } from "../constructs/distribution.ts"
import { apiHostParameterName } from "../constructs/http-api.ts"
import { PageDeployment } from "../constructs/page-deployment.ts"
import { PageSettings } from "../constructs/page-settings.ts"
import { removalPolicyOf } from "../constructs/retention.ts"
import { edgeRegion } from "../constructs/secrets.ts"
import { Storefront } from "../constructs/storefront.ts"
import { WebAcl } from "../constructs/web-acl.ts"

export interface EdgeStackProps extends StackProps {
  readonly stage: StageConfig
}

/**
 * The public edge, in us-east-1, where CloudFront's firewall and certificates must be. A template cannot refer to another region:
 * the config names the API, or the deployment asks for its name if there is no domain. The origin secret has a replica in this
 * region.
 */
export class EdgeStack extends Stack {
  readonly distributionId: string

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props)
    const { stage } = props
    if (this.region !== edgeRegion)
      throw new Error(`The edge stack of "${stage.name}" is in ${this.region}. Allowed: ${edgeRegion}.`)
    const { domain } = stage
    const zone = domain && HostedZone.fromHostedZoneAttributes(this, "Zone", domain)
    const certificate =
      domain &&
      zone &&
      new Certificate(this, "Certificate", {
        domainName: domain.siteName,
        validation: CertificateValidation.fromDns(zone),
      })
    const webAcl = new WebAcl(this, "Firewall", { stage })
    const storefront = new Storefront(this, "Storefront", { stage })
    const { distribution } = new SaleDistribution(this, "Door", {
      stage,
      apiHost: domain?.apiName ?? this.#apiHost(stage),
      webAclArn: webAcl.arn,
      storefront,
      ...(certificate && { certificate }),
    })
    const { config } = new PageSettings(this, "PageSettings", { stage, webAcl })
    new PageDeployment(this, "PageDeployment", { stage, storefront, config })
    if (domain && zone) this.#records(zone, domain.siteName, distribution)
    if (stage.edge.shieldAdvanced) {
      new CfnProtection(this, "Shield", { name: `flash-sale-${stage.name}`, resourceArn: distribution.distributionArn })
    }
    this.distributionId = distribution.distributionId
    new CfnOutput(this, "Address", { value: domain?.siteName ?? distribution.distributionDomainName })
  }

  /** The API's generated name, which is in another region: the app stack, which is deployed before, has it in a parameter. */
  #apiHost(stage: StageConfig): string {
    const logGroup = new LogGroup(this, "Questions", { retention: stage.logRetentionDays, removalPolicy: removalPolicyOf(stage) })
    return parameterAtDeployment(this, "ApiHost", { stage, logGroup, name: apiHostParameterName(stage) })
  }

  #records(zone: IHostedZone, siteName: string, distribution: IDistribution): void {
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution))
    new ARecord(this, "Record", { zone, recordName: `${siteName}.`, target })
    new AaaaRecord(this, "RecordV6", { zone, recordName: `${siteName}.`, target })
  }
}
