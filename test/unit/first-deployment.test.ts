import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import type { stages } from "../../lib/stages.ts"
import { cdkAt } from "../../ops/deployment/cdk.ts"
import { deploymentProgram } from "../../ops/deployment/program.ts"
import { ranBy, split } from "./ops/ran-by.ts"

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> }

/** Services of AWS whose own command line a row may use. A misspelled service would be found on the first deployment only. */
const awsServices: ReadonlySet<string> = new Set(
  [
    "acm apigatewayv2 application-autoscaling budgets ce cloudformation cloudfront cloudfront-keyvaluestore",
    "cloudtrail cloudwatch codedeploy cognito-idp dynamodb ec2 elasticache events iam kafka kms lambda logs rds",
    "resourcegroupstaggingapi route53 s3 s3api scheduler secretsmanager service-quotas ses sesv2 sns sqs sts wafv2",
    "xray",
  ].flatMap((line) => line.split(" ")),
)

const sections = read("docs/FIRST-DEPLOYMENT.md")
  .split(/^(?=## )/m)
  .filter((section) => section.startsWith("## "))
const rows = sections.flatMap((section) =>
  section
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\| ?-|^\|---|^\| What must be seen/.test(line))
    .map((line) => ({ section: section.slice(3, section.indexOf("\n")), cells: cellsOf(line) })),
)

/** The cells of a row; a bar with a backslash is part of a command. */
function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf("|"))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim())
}

/** With a name in place of `<stage>`, and a word in place of everything else that a person fills in. */
const filledIn = (command: string): string => command.replaceAll("<stage>", "try").replaceAll(/<[a-z -]+>/g, "word")

async function accepts(command: string): Promise<void> {
  const [program, verb = "", name = ""] = split(command)
  if (program === "aws") expect(awsServices, command).toContain(verb)
  else if (program === "curl") expect(command).toMatch(/https:\/\/|\$FLASH_SALE_URL/)
  else if (program === "gh") expect(command).toMatch(/^gh run list --workflow (?:checks|deploy)\.yml /)
  else {
    expect([program, verb], command).toEqual(["npm", "run"])
    expect(Object.keys(scripts), command).toContain(name)
    const args = command.split(" -- ").slice(1).join(" -- ")
    if (name === "ops") expect(await ranBy(args), command).toBeDefined()
    if (name === "deploy" || name === "destroy") expect(stageOf(name, args), command).toBeDefined()
    if (name === "cdk") expect(args, command).toMatch(/^(?:bootstrap|deploy|destroy|diff|drift|list|ls|synth) /)
  }
}

/** The stage that a command of the deployment is for. @throws for options that there are not */
function stageOf(name: string, args: string): string | undefined {
  const program = deploymentProgram(cdkAt(["true"]), () => {})
  const command = program.commands.find((one) => one.name() === name)
  const { unknown } = command?.exitOverride().parseOptions(split(args)) ?? { unknown: [name] }
  expect(unknown).toEqual([])
  return command?.opts<{ stage?: keyof typeof stages }>().stage
}

test("each row says what must be seen, one command that shows it, and what it prints", () => {
  expect(rows.length).toBeGreaterThan(15)
  for (const { section, cells } of rows) {
    expect(cells, section).toHaveLength(3)
    const [fact = "", command = "", prints = ""] = cells
    expect(fact, section).not.toBe("")
    expect(prints, fact).not.toBe("")
    expect(command, fact).toMatch(/^`[^`]+`$/)
  }
})

test.each(rows.map(({ cells: [, command = ""] }) => command.slice(1, -1)))("there is a command for: %s", async (command) => {
  // A row may join commands: each of them must exist. What follows a pipe only reads.
  for (const part of command.split(/ && | \| |; /).filter((one) => /^(?:npm|aws|curl) /.test(one))) await accepts(filledIn(part))
})

test("a command that does not exist is refused", async () => {
  await expect(accepts("npm run ops -- --stage try nothing-of-the-kind")).rejects.toThrow("unknown command")
  await expect(accepts("npm run ops -- --stage nowhere topics --invented")).rejects.toThrow()
  await expect(accepts("npm run invented -- --stage try")).rejects.toThrow()
  await expect(accepts("aws cloudwach describe-alarms")).rejects.toThrow()
  await expect(accepts("npm run deploy -- --stage try --invented")).rejects.toThrow()
})

const walk = /^## A walk for one day: stage `try`\n([\s\S]*?)^## /m.exec(read("docs/DEPLOY.md"))?.[1] ?? ""
/** The commands in the walk's blocks, without what follows as a comment and without variables before them. */
const walked = [...walk.matchAll(/^ *```\n([\s\S]*?)^ *```/gm)].flatMap(([, block = ""]) =>
  block
    .split("\n")
    .map((line) => line.replace(/ +# .*$/, "").replace(/^ *(?:[A-Z_]+=\S+ )*/, ""))
    .filter((line) => /^(?:npm run|aws|curl) /.test(line)),
)

test("the walk has a command for each of its steps, from the synth to the removal", () => {
  expect(walked.length).toBeGreaterThan(8)
  for (const command of ["npm run synth", "npm run deploy -- --stage try --no-rollback", "npm run destroy -- --stage try"]) {
    expect(walked).toContain(command)
  }
  expect(walk).toMatch(/\n11\. /)
})

test.each(walked)("there is a command for the walk's: %s", (command) => accepts(filledIn(command)))

test("the links of the page lead to headings of the walk", () => {
  expect(existsSync(new URL("../../docs/DEPLOY.md", import.meta.url))).toBe(true)
  expect(read("docs/DEPLOY.md")).toContain("## A walk for one day: stage `try`")
  expect(read("docs/FIRST-DEPLOYMENT.md")).toContain("DEPLOY.md#a-walk-for-one-day-stage-try")
})
