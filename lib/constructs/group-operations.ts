import { ArnFormat, Stack } from "aws-cdk-lib"
import { PolicyStatement } from "aws-cdk-lib/aws-iam"
import { consumerGroup, groupNames } from "../../core/contracts/consumer-groups.ts"
import { consumerFunctionName, deployedFunctionName } from "../../core/contracts/ops.ts"
import type { StageConfig } from "../config.ts"
import { acknowledgeWildcard } from "./acknowledge.ts"
import type { EventLog } from "./event-log.ts"
import type { SaleFunction } from "./sale-function.ts"

export interface GroupOperationsProps {
  readonly stage: StageConfig
  readonly ops: SaleFunction
  readonly log: EventLog
}

/**
 * Lets the operators' function show consumer groups, set where they read, and stop and start the consumers. The function sets the
 * writer to its watermark and nowhere else (core/workflows/streams/replay-rules.ts).
 */
export function letOperateGroups({ stage, ops, log }: GroupOperationsProps): void {
  const stack = Stack.of(ops)
  const groups = log.operatedBy(ops)
  acknowledgeWildcard(ops.role, groups, "A warehouse names its consumer group itself, so the name is not known here.")
  const mappings = stack.formatArn({
    ...{ service: "lambda", resource: "event-source-mapping", resourceName: "*", arnFormat: ArnFormat.COLON_RESOURCE_NAME },
  })
  const functionArn = (resourceName: string) =>
    stack.formatArn({ service: "lambda", resource: "function", resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME })
  // AWS does not say whether the condition sees a mapping's alias or the function behind it: both are named.
  const consumers = [...groupNames("reservationRequests"), ...groupNames("reservationEvents")].flatMap((group) => {
    const { lambda } = consumerGroup(group)
    const names = new Set([deployedFunctionName(stage.name, lambda), consumerFunctionName(stage.name, lambda)])
    return [...names].map(functionArn)
  })
  ops.role.addToPolicy(
    new PolicyStatement({
      actions: ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
      resources: [mappings],
      conditions: { ArnEquals: { "lambda:FunctionArn": consumers } },
    }),
  )
  acknowledgeWildcard(ops.role, mappings, "AWS names a mapping at random; the condition names the functions of the mappings.")
  // AWS limits the list to no resource. It shows names and settings, no data.
  ops.role.addToPolicy(new PolicyStatement({ actions: ["lambda:ListEventSourceMappings"], resources: ["*"] }))
}
