import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { stages } from "../../../lib/stages.ts"
import { cdkAt } from "../../../ops/deployment/cdk.ts"
import { deploymentProgram, runDeployment } from "../../../ops/deployment/program.ts"

/** Writes down how it was called, writes outputs as CDK does, and fails when a file says so. */
const standIn = `
import { appendFileSync, existsSync, writeFileSync } from "node:fs"
const [log, outputs, fails, ...args] = process.argv.slice(2)
appendFileSync(log, JSON.stringify({ stage: process.env.STAGE, args }) + "\\n")
const at = args.indexOf("--outputs-file")
if (at >= 0) writeFileSync(args[at + 1], outputs)
if (existsSync(fails)) process.exit(7)
`
const outputs = {
  "flash-sale-try-edge": { Address: "d1.cloudfront.test" },
}

let folder: string
const said: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deployment-test-"))
  said.length = 0
  writeFileSync(join(folder, "cdk.mjs"), standIn)
  chmodSync(join(folder, "cdk.mjs"), 0o700)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const run = (args: readonly string[], given: object = outputs) => {
  const log = join(folder, "log")
  const cdk = cdkAt([process.execPath, join(folder, "cdk.mjs"), log, JSON.stringify(given), join(folder, "fails")])
  return runDeployment(
    deploymentProgram(cdk, (line) => said.push(line)),
    args,
  )
}
interface Called {
  readonly stage: string
  readonly args: readonly string[]
}
const calls = (): Called[] => {
  const log = join(folder, "log")
  if (!existsSync(log)) return []
  return readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Called)
}

test("all stacks of a stage are deployed, and the address of the sale is named", async () => {
  expect(await run(["deploy", "--stage", "try"])).toBe(0)
  const [whole, ...more] = calls()
  expect(more).toEqual([])
  expect(whole).toMatchObject({ stage: "try" })
  expect(whole?.args.slice(0, 4)).toEqual(["deploy", "try/**", "--require-approval", "never"])
  expect(said.at(-1)).toContain("https://d1.cloudfront.test")
})

test("a first deployment may keep what it made before a failure", async () => {
  expect(await run(["deploy", "--stage", "try", "--no-rollback"])).toBe(0)
  for (const { args } of calls()) expect(args).toContain("--no-rollback")
})

test("when CDK fails, nothing follows, and the exit code says so", async () => {
  writeFileSync(join(folder, "fails"), "")
  const complaint = vi.spyOn(console, "error").mockReturnValue()
  expect(await run(["deploy", "--stage", "try"])).toBe(1)
  expect(calls()).toHaveLength(1)
  expect(complaint.mock.lastCall?.[0]).toContain("failed with exit code 7")
})

test("outputs without the address are an error that lists what was deployed", async () => {
  const complaint = vi.spyOn(console, "error").mockReturnValue()
  expect(await run(["deploy", "--stage", "try"], { "flash-sale-try-data": {} })).toBe(1)
  expect(complaint.mock.lastCall?.[0]).toContain("no output Address of the stack flash-sale-try-edge")
})

test("a stage with a second region is not deployed with one command", async () => {
  const complaint = vi.spyOn(console, "error").mockReturnValue()
  expect(await run(["deploy", "--stage", "prod"])).toBe(1)
  expect(complaint.mock.lastCall?.[0]).toContain("second region")
  expect(calls()).toEqual([])
})

test("a stage is removed with one command, which asks unless --yes is given", async () => {
  expect(await run(["destroy", "--stage", "try"])).toBe(0)
  expect(await run(["destroy", "--stage", "try", "--yes"])).toBe(0)
  expect(calls()).toEqual([
    { stage: "try", args: ["destroy", "try/**"] },
    { stage: "try", args: ["destroy", "try/**", "--force"] },
  ])
})

test.each(Object.values(stages).filter(({ retainData }) => retainData))(
  "stage $name, which keeps its data, is not removed",
  async ({ name }) => {
    const complaint = vi.spyOn(console, "error").mockReturnValue()
    expect(await run(["destroy", "--stage", name, "--yes"])).toBe(1)
    expect(complaint.mock.lastCall?.[0]).toContain("keeps its data")
    expect(calls()).toEqual([])
  },
)

test("the help of both commands has an example, and an unknown stage is named with the ones there are", async () => {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true)
  for (const command of ["deploy", "destroy"]) {
    expect(await run([command, "--help"])).toBe(0)
    expect(written.mock.calls.join("\n")).toContain(`npm run ${command} -- --stage try`)
  }
  const complaint = vi.spyOn(console, "error").mockReturnValue()
  expect(await run(["deploy", "--stage", "nowhere"])).toBe(1)
  expect(complaint.mock.lastCall?.[0]).toContain("Stages: try, dev, load, prod")
})
