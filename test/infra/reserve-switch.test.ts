import { expect, test } from "vitest"
import type { StageConfig } from "../../lib/config.ts"
import { functionNameOf, logGroupNameOf } from "../../lib/function-name.ts"
import { appTemplate, shop } from "./app-stack.ts"

interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

/** `prod` with `reserve` on functions, at a rate that they carry. */
const onFunctions: StageConfig = {
  ...shop,
  reserve: { kind: "functions" },
  functions: { ...shop.functions, reserve: { ...shop.functions.reserve, reservedConcurrency: 60, provisionedConcurrency: 50 } },
}
const resourcesOf = (stage: StageConfig) => (appTemplate(stage).toJSON() as { Resources: Record<string, Resource> }).Resources
const onInstances = resourcesOf(shop)
const asFunctions = resourcesOf(onFunctions)

/** What a switch creates, deletes and keeps, by the logical ids. */
const only = (here: typeof onInstances, there: typeof onInstances, type: string) =>
  Object.entries(here)
    .filter(([id, { Type }]) => Type === type && !(id in there))
    .map(([id, { Properties }]) => ({ id, name: Properties?.FunctionName }))

test("a switch never changes a function in place: AWS lets nobody add a capacity provider to a function or remove it", () => {
  for (const [id, { Type, Properties }] of Object.entries(onInstances)) {
    const other = asFunctions[id]
    if (Type !== "AWS::Lambda::Function" || other === undefined) continue
    expect([id, Properties?.CapacityProviderConfig]).toEqual([id, other.Properties?.CapacityProviderConfig])
  }
})

test("a switch creates the other function before it deletes the old one: both names may exist at once", () => {
  expect(only(onInstances, asFunctions, "AWS::Lambda::Function")).toEqual([
    { id: expect.any(String), name: "flash-sale-prod-reserve-on-instances" },
  ])
  expect(only(asFunctions, onInstances, "AWS::Lambda::Function")).toEqual([
    { id: expect.any(String), name: "flash-sale-prod-reserve" },
  ])
  expect(functionNameOf(shop, "reserve")).not.toBe(functionNameOf(onFunctions, "reserve"))
})

test("a switch keeps the log group, the role and the network's rules, and moves the route to the other function", () => {
  const logGroups = (resources: typeof onInstances) =>
    Object.values(resources).flatMap(({ Type, Properties }) => (Type === "AWS::Logs::LogGroup" ? [Properties?.LogGroupName] : []))
  expect(logGroups(onInstances)).toContain(logGroupNameOf(shop, "reserve"))
  expect(logGroups(onInstances)).toEqual(logGroups(asFunctions))
  for (const type of ["AWS::Logs::LogGroup", "AWS::EC2::SecurityGroup", "AWS::ApiGatewayV2::Route"]) {
    expect({ type, gone: only(onInstances, asFunctions, type), made: only(asFunctions, onInstances, type) }).toEqual({
      ...{ type, gone: [], made: [] },
    })
  }
  const reserveRole = (resources: typeof onInstances) =>
    Object.entries(resources).find(
      ([, { Type, Properties }]) => Type === "AWS::IAM::Role" && String(Properties?.Description).includes("lambdas/reserve "),
    )?.[0]
  expect(reserveRole(onInstances)).toBe(reserveRole(asFunctions))
  const moved = Object.entries(onInstances).filter(
    ([id, { Type, Properties }]) =>
      Type === "AWS::ApiGatewayV2::Integration" && JSON.stringify(Properties) !== JSON.stringify(asFunctions[id]?.Properties),
  )
  expect(moved).toHaveLength(1)
  expect(JSON.stringify(moved[0]?.[1].Properties)).toContain("FunctionOnInstances")
})
