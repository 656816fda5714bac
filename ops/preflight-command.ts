import { type Command, InvalidArgumentError, Option } from "commander"
import { isReady, type PreflightLine, summaryOf } from "../core/domain/preflight/line.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { textTable } from "./text-table.ts"

interface PreflightOptions {
  readonly beforeDeploy: boolean
  readonly opensAt?: string
  readonly address?: string
  readonly allowUnknown: boolean
  readonly page: boolean
}

/** A moment. @throws InvalidArgumentError */
function moment(text: string): string {
  if (Number.isNaN(Date.parse(text))) throw new InvalidArgumentError("must be a time such as 2026-11-27T10:00:00+01:00")
  return text
}

/** Adds `preflight [sku...]`. */
export function addPreflightCommand(program: Command, { ask, options, asJson }: CommandContext): void {
  const command = program
    .command("preflight [skus...]")
    .description(
      "look at everything that has to be right before a sale, and print for each item whether it is ok, and the command that mends it. Without a SKU: the sales of the calendar, or those that open next. It changes nothing in the sale. The exit code is 0 only when nothing is wrong and everything is known",
    )
    .addOption(new Option("--opens-at <time>", "when the sale is to open, RFC 3339 with Z or an offset").argParser(moment))
    .option(
      "--before-deploy",
      "look at the account instead, before a stage is deployed there: each quota that the stage needs, and the command that requests it. It needs --stage and AWS credentials; nothing of the stage has to exist",
      false,
    )
    .option("--address <url>", "the public address of the shop, for a stage without a domain")
    .option("--no-page", "send no synthetic alarm; without this, the person on call gets one page of P0 that is over at once")
    .option("--allow-unknown", "exit with 0 although some items are unknown", false)
    .action(async (skus: string[], { beforeDeploy, opensAt, address, allowUnknown, page: pages }: PreflightOptions) => {
      const { stage } = options()
      const progress = (text: string) => process.stderr.write(`looked at ${text}\n`)
      const lines = beforeDeploy
        ? await accountOf(stage, progress)
        : await (await import("./preflight/preflight-of.ts")).preflightOf(
            { stage, skus, opensAt, address, pages, progress },
            ask(),
          )
      const ready = isReady(lines, allowUnknown)
      const shown = lines.map((line) => ({ ...line, mend: line.mend && commandLine(line.mend, stage) }))
      console.log(asJson() ? JSON.stringify({ ready, lines: shown }) : preflightText(shown, ready))
      if (!ready) process.exitCode = failed
    })
  withExamples(
    command,
    ...["preflight", "preflight sneaker-42 --opens-at 2026-11-27T10:00:00+01:00", "--stage prod preflight --json"],
    "--stage dev preflight --before-deploy",
  )
}

/** What the account of the present credentials has of what a stage needs. @throws Error without a stage */
async function accountOf(stage: string | undefined, progress: (text: string) => void): Promise<PreflightLine[]> {
  if (stage === undefined) throw new Error("Name the stage that is to be deployed: --stage <name> preflight --before-deploy.")
  const { beforeDeploy } = await import("./preflight/before-deploy.ts")
  return beforeDeploy(stage, progress)
}

/** The whole command line that mends something. Commands of the CLI work on the same system. */
export function commandLine(mend: string, stage: string | undefined): string {
  if (!mend.startsWith("ops ")) return mend
  const where = stage === undefined ? "" : `--stage ${stage} `
  return `npm run ops -- ${where}${mend.slice("ops ".length)}`
}

/** One line for each item, grouped by part, then what is to be done. */
function preflightText(lines: readonly PreflightLine[], ready: boolean): string {
  const rows = lines.map(({ part, item, state, detail }, index) => [
    ...[lines[index - 1]?.part === part ? "" : part, item, state, detail],
  ])
  const mends = lines.flatMap(({ item, state, mend }) => (mend === null ? [] : [[state, item, mend]]))
  const { ok, "not ok": wrong, "cannot tell": unknown, "does not apply": without } = summaryOf(lines)
  return [
    textTable([["part", "item", "state", "what was found"], ...rows], 4),
    ...(mends.length === 0 ? [] : ["", "What to do:", textTable(mends, 3)]),
    "",
    `${ready ? "ready" : "NOT ready"}: ${ok} ok, ${wrong} not ok, ${unknown} cannot tell, ${without} do not apply here`,
  ].join("\n")
}
