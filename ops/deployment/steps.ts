import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as z from "zod"
import type { StageConfig } from "../../lib/config.ts"
import type { RunCdk } from "./cdk.ts"

/** Stacks that are deployed at the same time; more of them would pass CloudFormation's rate limits. */
const concurrency = "3"
const Outputs = z.record(z.string(), z.record(z.string(), z.string()))

export interface DeployOptions {
  /** False keeps what was made before a failure, so that the next attempt continues from there. */
  readonly rollback: boolean
}

/**
 * Deploys every stack of a stage.
 * @param say tells the person at the terminal what comes next
 * @throws Error for a stage that cannot be deployed with one command; CdkFailed
 */
export async function deployStage(
  { name, disasterRecovery }: StageConfig,
  { rollback }: DeployOptions,
  cdk: RunCdk,
  say: (line: string) => void,
): Promise<void> {
  if (disasterRecovery !== undefined) {
    throw new Error(
      `Stage "${name}" has a second region, whose first deployment has steps between its stacks. Follow docs/DEPLOY.md, "Deploy"`,
    )
  }
  const folder = await mkdtemp(join(tmpdir(), "flash-sale-deploy-"))
  try {
    const file = join(folder, "outputs.json")
    const common = ["--require-approval", "never", ...(rollback ? [] : ["--no-rollback"])]
    say(`Deploying all stacks of stage "${name}". The first time takes about an hour: brokers and database are slow.`)
    await cdk(name, ["deploy", `${name}/**`, ...common, "--concurrency", concurrency, "--outputs-file", file])
    const outputs = Outputs.parse(JSON.parse(await readFile(file, "utf8")))
    const address = outputOf(outputs, `flash-sale-${name}-edge`, "Address")
    say(`Stage "${name}" is deployed at https://${address}. Next: the secrets (docs/DEPLOY.md, "Fill the secrets").`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function outputOf(outputs: z.infer<typeof Outputs>, stack: string, name: string): string {
  const value = outputs[stack]?.[name]
  if (value === undefined)
    throw new Error(`CDK named no output ${name} of the stack ${stack}. Deployed: ${Object.keys(outputs).join(", ")}`)
  return value
}

/**
 * Removes every stack of a stage that may go, with all that is in it.
 * @param confirmed true asks nobody
 * @throws Error for a stage that keeps its data; CdkFailed
 */
export async function destroyStage(
  { name, retainData }: StageConfig,
  { confirmed }: { readonly confirmed: boolean },
  cdk: RunCdk,
  say: (line: string) => void,
): Promise<void> {
  if (retainData) {
    throw new Error(
      `Stage "${name}" keeps its data (retainData): it is not removed with one command. See docs/DEPLOY.md, "Teardown"`,
    )
  }
  say(`Removing all stacks of stage "${name}". It takes about 40 minutes: brokers, database and distribution are slow.`)
  await cdk(name, ["destroy", `${name}/**`, ...(confirmed ? ["--force"] : [])])
  say(`Stage "${name}" is removed. "npm run cdk -- bootstrap" left its own stack and bucket, which cost nothing.`)
}
