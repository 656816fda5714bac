import { CfnCondition, type CfnParameter, Fn } from "aws-cdk-lib"
import { CfnHealthCheck, CfnRecordSet } from "aws-cdk-lib/aws-route53"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"

const recordTtlSeconds = 30

export interface FailoverProps {
  readonly domain: NonNullable<StageConfig["domain"]>
  /** The API's regional host names. The second one is empty until the second region has an API. */
  readonly primaryApiHost: CfnParameter
  readonly standbyApiHost: CfnParameter
}

/**
 * The name of the API. It resolves to the first region until an operator switches it with
 * `aws route53 update-health-check --inverted`. No probe switches it: two regions that sell the same units would oversell.
 */
export class Failover extends Construct {
  constructor(scope: Construct, id: string, { domain, primaryApiHost, standbyApiHost }: FailoverProps) {
    super(scope, id)
    const probe = new CfnHealthCheck(this, "Probe", {
      healthCheckConfig: {
        type: "HTTPS",
        fullyQualifiedDomainName: domain.siteName,
        port: 443,
        resourcePath: "/v1/health",
        requestInterval: 10,
        failureThreshold: 3,
        enableSni: true,
      },
    })
    // A threshold of 0 healthy children is always met: the check is always healthy, and never when it is inverted.
    const chosen = new CfnHealthCheck(this, "FirstRegionIsChosen", {
      healthCheckConfig: { type: "CALCULATED", childHealthChecks: [probe.attrHealthCheckId], healthThreshold: 0 },
    })
    const record = (role: "PRIMARY" | "SECONDARY", host: string) =>
      new CfnRecordSet(this, role, {
        hostedZoneId: domain.hostedZoneId,
        name: domain.apiName,
        type: "CNAME",
        ttl: String(recordTtlSeconds),
        setIdentifier: role.toLowerCase(),
        failover: role,
        resourceRecords: [host],
        ...(role === "PRIMARY" && { healthCheckId: chosen.attrHealthCheckId }),
      })
    record("PRIMARY", primaryApiHost.valueAsString)
    const standby = record("SECONDARY", standbyApiHost.valueAsString)
    standby.cfnOptions.condition = new CfnCondition(this, "StandbyHasAnApi", {
      expression: Fn.conditionNot(Fn.conditionEquals(standbyApiHost.valueAsString, "")),
    })
  }
}
