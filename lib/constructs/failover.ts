import { CfnCondition, type CfnParameter, Fn } from "aws-cdk-lib"
import { CfnHealthCheck, CfnRecordSet } from "aws-cdk-lib/aws-route53"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"

const recordTtlSeconds = 30

export interface FailoverProps {
  readonly domain: NonNullable<StageConfig["domain"]>
  /** The API's regional host names; the second is empty until there is an API in the second region. */
  readonly primaryApiHost: CfnParameter
  readonly standbyApiHost: CfnParameter
}

/**
 * The name of the API, answered with the first region until somebody decides otherwise. No probe decides: two regions that both think
 * they sell the same units would oversell. `aws route53 update-health-check --inverted` is the switch.
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
    // Of its one child none need be healthy, so that it is healthy always, and inverted never.
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
