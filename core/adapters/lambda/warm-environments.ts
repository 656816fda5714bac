import * as z from "zod"
import type { WarmTarget } from "../../contracts/warmth.ts"
import { type CallLambda, LambdaRefused } from "./lambda-api.ts"

/** Starts environments of functions ahead of requests, and lets them go. */
export interface WarmEnvironments {
  /** How many environments AWS was last asked for. @throws LambdaRefused, the errors of fetch */
  asked(target: WarmTarget): Promise<number>
  /** @throws LambdaRefused, the errors of fetch */
  ask(target: WarmTarget, environments: number): Promise<void>
}

const Provisioned = z.object({ RequestedProvisionedConcurrentExecutions: z.number().default(0) })
const Scaling = z.object({
  RequestedFunctionScalingConfig: z.object({ MinExecutionEnvironments: z.number().default(0) }).optional(),
})

/**
 * Provisioned concurrency of an alias, or the minimum of a function on managed instances.
 * Paths: docs.aws.amazon.com/lambda/latest/api, PutProvisionedConcurrencyConfig and PutFunctionScalingConfig.
 */
export function createWarmEnvironments(call: CallLambda): WarmEnvironments {
  const at = ({ functionName, qualifier, maximum }: WarmTarget) => ({
    path:
      maximum === undefined
        ? `/2019-09-30/functions/${functionName}/provisioned-concurrency`
        : `/2025-11-30/functions/${functionName}/function-scaling-config`,
    query: { Qualifier: qualifier },
  })
  return {
    async asked(target) {
      try {
        const answer = await call({ method: "GET", ...at(target) })
        if (target.maximum === undefined) return Provisioned.parse(answer).RequestedProvisionedConcurrentExecutions
        return Scaling.parse(answer).RequestedFunctionScalingConfig?.MinExecutionEnvironments ?? 0
      } catch (error) {
        // An alias without provisioned concurrency has no such setting.
        if (error instanceof LambdaRefused && error.status === 404 && target.maximum === undefined) return 0
        throw error
      }
    },
    async ask(target, environments) {
      const { maximum } = target
      if (maximum !== undefined) {
        const FunctionScalingConfig = { MinExecutionEnvironments: environments, MaxExecutionEnvironments: maximum }
        await call({ method: "PUT", ...at(target), body: { FunctionScalingConfig } })
      } else if (environments === 0) await call({ method: "DELETE", ...at(target) })
      else await call({ method: "PUT", ...at(target), body: { ProvisionedConcurrentExecutions: environments } })
    },
  }
}
