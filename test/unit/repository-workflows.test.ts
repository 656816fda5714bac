import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { stages } from "../../lib/stages.ts"
import { localServer } from "../services/local-server.ts"

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const workflow = (name: string) => readFileSync(repository(`.github/workflows/${name}.yml`), "utf8")

/** What is wrong with the two workflows, if prod is to get only what passed the checks. */
function faultsOf(checks: string, deploy: string): string[] {
  const at = (text: string) => deploy.indexOf(text)
  const asks = at('.github/checks-passed.sh "$GITHUB_SHA" main')
  const faults: readonly (readonly [boolean, string])[] = [
    [!/^on:\n {2}pull_request:\n {2}push:\n {4}branches: \[main\]\n/m.test(checks), "not every pull request and push is checked"],
    [!/^ {6}- run: \.ci\/run$/m.test(checks), "the checks are not all run"],
    [!/^ {6}- run: \.ci\/aws-versions$/m.test(checks), "the tests do not run on the versions of AWS"],
    [/continue-on-error|\|\| true/.test(checks + deploy), "a failure is ignored"],
    [/id-token: write|secrets\./.test(checks), "the code of a pull request gets credentials"],
    [/pull_request_target/.test(checks), "a pull request runs with the rights of the branch"],
    [asks === -1, "nobody asks whether the checks passed"],
    [
      !/if: inputs\.stage == 'prod'\n {8}env:\n {10}GITHUB_TOKEN: \$\{\{ github\.token \}\}\n {8}run: \.github\/checks-passed\.sh/.test(
        deploy,
      ),
      "prod does not wait for the answer",
    ],
    [asks > at("npm ci"), "code of the commit runs before the answer"],
    [at("aws-actions/configure-aws-credentials") < asks, "the credentials are there before the answer"],
    [!/^ {2}actions: read$/m.test(deploy), "the workflow may not read the runs of the checks"],
    [
      !/^ {4}environment: \$\{\{ inputs\.stage \}\}$/m.test(deploy),
      "the environment of the stage, which names its reviewers, is left out",
    ],
  ]
  return faults.flatMap(([isWrong, fault]) => (isWrong ? [fault] : []))
}

test("every pull request is checked, and prod gets only a commit of the branch that passed", () => {
  expect(faultsOf(workflow("checks"), workflow("deploy"))).toEqual([])
  expect(stages.prod.pipeline?.branch).toBe("main")
})

describe("a workflow that would let something else through is found", () => {
  const [checks, deploy] = [workflow("checks"), workflow("deploy")]
  test.each<[string, string, string, string]>([
    ["no checks of pull requests", checks.replace("  pull_request:\n", ""), deploy, "not every pull request"],
    ["only some checks", checks.replace("run: .ci/run", "run: npm test"), deploy, "not all run"],
    ["checks that may fail", checks.replace("run: .ci/run", "run: .ci/run || true"), deploy, "not all run"],
    ["no tests on the versions of AWS", checks.replace("run: .ci/aws-versions", "run: npm test"), deploy, "versions of AWS"],
    ["ignored failures", `${checks}        continue-on-error: true\n`, deploy, "a failure is ignored"],
    ["credentials for pull requests", checks.replace("contents: read", "id-token: write"), deploy, "credentials"],
    ["another stage", checks, deploy.replace("stage == 'prod'", "stage == 'load'"), "does not wait"],
    ["another commit", checks, deploy.replace('"$GITHUB_SHA" main', '"$LAST" main'), "nobody asks"],
    ["another branch", checks, deploy.replace('"$GITHUB_SHA" main', '"$GITHUB_SHA" "$GITHUB_REF_NAME"'), "nobody asks"],
    ["no environment", checks, deploy.replace(/^ {4}environment: .+\n/m, ""), "reviewers"],
  ])("%s", (_, brokenChecks, brokenDeploy, fault) => {
    expect(brokenChecks + brokenDeploy).not.toBe(checks + deploy)
    expect(faultsOf(brokenChecks, brokenDeploy).join("; ")).toContain(fault)
  })
})

describe("checks-passed", () => {
  const commit = "c0ffee"
  const passed = { head_sha: commit, head_branch: "main", event: "push", conclusion: "success" }
  let runs: object[] | undefined
  let asked: string[]
  let server: Awaited<ReturnType<typeof localServer>>
  beforeEach(async () => {
    asked = []
    server = await localServer((request, response) => {
      asked.push(`${request.headers.authorization} ${request.url}`)
      if (runs === undefined) response.writeHead(500).end()
      else response.end(JSON.stringify({ total_count: runs.length, workflow_runs: runs }))
    })
  })
  afterEach(() => server.close())

  /** The exit code of the script. */
  async function exitCode(): Promise<number> {
    const env = { PATH: process.env.PATH, GITHUB_API_URL: server.url, GITHUB_REPOSITORY: "shop/sale", GITHUB_TOKEN: "t" }
    const child = spawn(repository(".github/checks-passed.sh"), [commit, "main"], { env, stdio: "ignore" })
    const [code] = (await once(child, "exit")) as [number]
    return code
  }

  test("passes a commit whose checks passed on the branch, also when an earlier run of them failed", async () => {
    runs = [passed, { ...passed, conclusion: "failure" }]
    expect(await exitCode()).toBe(0)
    expect(asked).toEqual([
      expect.stringMatching(/^Bearer t \/repos\/shop\/sale\/actions\/workflows\/checks\.yml\/runs\?head_sha=c0ffee&/),
    ])
  })

  test.each<[string, object[] | undefined]>([
    ["no run", []],
    ["a run that failed", [{ ...passed, conclusion: "failure" }]],
    ["a run that has not ended", [{ ...passed, conclusion: null }]],
    ["a run that was cancelled", [{ ...passed, conclusion: "cancelled" }]],
    ["the run of another commit", [{ ...passed, head_sha: "decaf" }]],
    ["the run of a pull request", [{ ...passed, event: "pull_request" }]],
    ["the run of another branch", [{ ...passed, head_branch: "feature" }]],
    ["no answer of GitHub", undefined],
  ])("refuses a commit with %s", async (_, found) => {
    runs = found
    expect(await exitCode()).not.toBe(0)
  })
})
