import { functionTemplates, propertiesOf, shop } from "./app-stack.ts"

/** The properties of a function in a template. */
export interface FunctionProperties {
  FunctionName?: string
  Runtime: string
  Architectures?: string[]
  ReservedConcurrentExecutions?: number
  TracingConfig?: { Mode: string }
  LoggingConfig?: { LogGroup: unknown }
  Role: { "Fn::GetAtt": string[] }
  VpcConfig?: unknown
  Environment?: { Variables: Record<string, unknown> }
}

const { app, streaming, identity, paging } = functionTemplates(shop)

export { app }

/** The properties of all resources of a type, in the stacks that have functions. */
export const allOf = <T>(type: string): T[] =>
  [app, streaming, identity, ...(paging ? [paging] : [])].flatMap((template) => propertiesOf<T>(template, type))

/** The folder of a function: the name of `reserve` says also where it runs. */
const folderOf = (functionName: string): string => functionName.replace("flash-sale-prod-", "").replace("-on-instances", "")

/** Every function by its folder. */
export const functions = new Map(
  allOf<FunctionProperties>("AWS::Lambda::Function").flatMap((properties) =>
    properties.FunctionName === undefined ? [] : [[folderOf(properties.FunctionName), properties] as const],
  ),
)

/** @throws Error when there is no such function */
export function functionOf(name: string): FunctionProperties {
  const found = functions.get(name)
  if (found === undefined) throw new Error(`There is no function ${name}`)
  return found
}
