import { globSync, readFileSync } from "node:fs"
import { Logger } from "@aws-lambda-powertools/logger"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { LogLines, loggedMembers } from "../../core/adapters/log-lines.ts"

let lines: Record<string, unknown>[]
let logger: Logger
beforeEach(() => {
  lines = []
  // Otherwise it writes to the streams of the process, and no spy sees it.
  vi.stubEnv("POWERTOOLS_DEV", "true")
  logger = new Logger({ logFormatter: new LogLines(() => "test") })
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(JSON.parse(line)))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})
const logged = (message: string, members: object = {}) => {
  logger.error(message, members as Record<string, string>)
  return lines.at(-1) ?? {}
}

test("a member that is not on the list is withheld, and its name is logged", () => {
  const line = logged("hello", { correlation_id: "7", token: "secret", body: { card: "4242" } })
  expect(line).toMatchObject({
    level: "ERROR",
    message: "hello",
    service: "test",
    correlation_id: "7",
    not_logged: ["token", "body"],
  })
  expect(JSON.stringify(line)).not.toMatch(/secret|4242/)
})

describe("of an error only its kind", () => {
  test("not the members that its client added", () => {
    const error = Object.assign(new Error("duplicate key value violates unique constraint"), {
      code: "23505",
      constraint: "reservations_pkey",
      detail: "Key (id)=(secret) already exists.",
      parameters: ["secret"],
      command: { name: "eval", args: ["secret"] },
      headers: { authorization: "secret" },
    })
    const line = logged("failed", { error })
    expect(line).toMatchObject({
      error: { name: "Error", code: "23505", constraint: "reservations_pkey", message: error.message },
    })
    expect(JSON.stringify(line)).not.toContain("secret")
  })

  test("along the chain of causes, which may be no errors, and may form a circle", () => {
    const payment = new Error("unknown outcome", { cause: { kind: "done", value: { card: "secret" } } })
    const circle = new Error("outer", { cause: payment })
    expect(logged("failed", { error: circle })).toMatchObject({
      error: { message: "outer", cause: { message: "unknown outcome" } },
    })
    payment.cause = circle
    expect(() => logged("failed", { error: circle })).not.toThrow()
    expect(lines).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain("secret")
  })

  test("nor a value that was thrown and is no error", () => {
    expect(logged("failed", { error: "Bearer abc.def.ghi" })).toMatchObject({ error: "[redacted]" })
  })
})

test.each([
  ["a token", "bad eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln here"],
  ["a header", "Authorization: Bearer abc-def"],
  ["a payment method", "No such PaymentMethod: 'pm_1NxYz'"],
  ["a key of the provider", "Invalid API Key provided: sk_live_abcdef"],
  ["an address", "user grace@example.com is unknown"],
  ["the number of a card", "card 4242 4242 4242 4242 declined"],
])("%s in a message is redacted, in the stack as well", (_what, message) => {
  const line = logged(message, { error: new Error(message) })
  expect(JSON.stringify(line)).not.toMatch(/eyJ|abc-def|pm_1|sk_live|grace@|4242/)
  expect(line).toMatchObject({ message: expect.stringContaining("[redacted]") })
})

test("every member that the sources log is on the list", () => {
  const calls = /\blogger\.(?:debug|info|warn|error|critical)\(\s*"[^"]*",\s*\{([^}]*)\}/g
  const files = ["core", "lambdas", "local"].flatMap((folder) => globSync(`${folder}/**/*.ts`))
  const names = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(calls)].flatMap(([, members = ""]) =>
      members
        .split(",")
        .map((member) => member.split(":")[0]?.trim() ?? "")
        .filter((name) => name !== "" && !name.startsWith("...")),
    ),
  )
  expect(names).toContain("partition")
  expect([...new Set(names)].filter((name) => name !== "error" && !loggedMembers.has(name))).toEqual([])
})
