import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from "aws-lambda"
import { defaultLambda, routes } from "../../core/contracts/http/routes.ts"

/** A function behind the API. */
type ApiHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyResultV2>

/** The module of a function. `shutdown` releases its connections when the process ends. */
export interface ApiFunction {
  readonly handler: ApiHandler
  readonly shutdown?: () => Promise<void>
}

/** The functions of the API by their folder in lambdas/. */
export type ApiFunctions = ReadonlyMap<string, ApiFunction>

/** Imports the function of every route. @throws Error that names the function which cannot be loaded */
export async function loadFunctions(): Promise<ApiFunctions> {
  const names = [...new Set([...routes.map(({ lambda }) => lambda), defaultLambda])]
  return new Map(await Promise.all(names.map(async (name) => [name, await loadFunction(name)] as const)))
}

async function loadFunction(name: string): Promise<ApiFunction> {
  try {
    return (await import(`../../lambdas/${name}/handler.ts`)) as ApiFunction
  } catch (error) {
    throw new Error(`The function ${name} could not be loaded`, { cause: error })
  }
}
