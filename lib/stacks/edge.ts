import { CfnOutput, CfnParameter, Stack, type StackProps } from "aws-cdk-lib"
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager"
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront"
import { AaaaRecord, ARecord, HostedZone, type IHostedZone, RecordTarget } from "aws-cdk-lib/aws-route53"
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets"
import { CfnProtection } from "aws-cdk-lib/aws-shield"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { SaleDistribution } from "../constructs/distribution.ts"
import { PageDeployment } from "../constructs/page-deployment.ts"
import { PageSettings } from "../constructs/page-settings.ts"
import { edgeRegion } from "../constructs/secrets.ts"
import { Storefront } from "../constructs/storefront.ts"
import { WebAcl } from "../constructs/web-acl.ts"

export interface EdgeStackProps extends StackProps {
  readonly stage: StageConfig
}

/**
 * The public edge, in us-east-1, where CloudFront's firewall and certificates must be. A template cannot refer to another region:
 * the config names the API, or a parameter if there is no domain. The origin secret has a replica in this region.
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
      apiHost: domain?.apiName ?? this.#apiHost(),
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

  /** The first deployment does not know the host yet, and must succeed without it. Later deployments keep the given value. */
  #apiHost(): string {
    return new CfnParameter(this, "ApiHost", {
      type: "String",
      description: "Where the API is: the output ApiHost of the app stack; only for a stage without a domain",
      allowedPattern: "[a-z0-9.-]+",
      default: "not-set.invalid",
    }).valueAsString
  }

  #records(zone: IHostedZone, siteName: string, distribution: IDistribution): void {
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution))
    new ARecord(this, "Record", { zone, recordName: `${siteName}.`, target })
    new AaaaRecord(this, "RecordV6", { zone, recordName: `${siteName}.`, target })
  }
}
