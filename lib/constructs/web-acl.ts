import { RemovalPolicy, Stack } from "aws-cdk-lib"
import { LogGroup } from "aws-cdk-lib/aws-logs"
import { CfnLoggingConfiguration, CfnWebACL } from "aws-cdk-lib/aws-wafv2"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { busyPage, edgeAnswers, edgeRules } from "./edge-rules.ts"
import { builtFile } from "./page-build.ts"

/** The firewall in front of CloudFront, with a log of refused requests. */
export class WebAcl extends Construct {
  readonly arn: string
  /** How WAF's API names it. */
  readonly reference: { readonly Id: string; readonly Name: string; readonly Scope: "CLOUDFRONT" }

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const name = `flash-sale-${stage.name}`
    const visible = (metricName: string) => ({ metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true })
    const acl = new CfnWebACL(this, "Acl", {
      name,
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      visibilityConfig: visible(`flash-sale-${stage.name}`),
      customResponseBodies: {
        ...Object.fromEntries(
          Object.entries(edgeAnswers).map(([key, body]) => [
            key,
            { contentType: "APPLICATION_JSON", content: JSON.stringify({ ...body, decided: false }) },
          ]),
        ),
        [busyPage]: { contentType: "TEXT_HTML", content: builtFile("busy.html") },
      },
      rules: edgeRules(stage).map((rule, priority) => ({ ...rule, priority, visibilityConfig: visible(rule.name) })),
      ...(stage.domain && { tokenDomains: [stage.domain.siteName] }),
    })
    this.arn = acl.attrArn
    this.reference = { Id: acl.attrId, Name: name, Scope: "CLOUDFRONT" }
    const log = new LogGroup(this, "Refused", {
      // WAF writes only to log groups with this prefix.
      logGroupName: `aws-waf-logs-flash-sale-${stage.name}`,
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    new CfnLoggingConfiguration(this, "Logging", {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [Stack.of(this).formatArn({ service: "logs", resource: `log-group:${log.logGroupName}` })],
      redactedFields: [{ singleHeader: { Name: "authorization" } }, { queryString: {} }],
      loggingFilter: {
        DefaultBehavior: "DROP",
        Filters: [{ Behavior: "KEEP", Requirement: "MEETS_ANY", Conditions: [{ ActionCondition: { Action: "BLOCK" } }] }],
      },
    })
  }
}
