import { Command, CommanderError } from "commander"
import { stageNamed, stages } from "../../lib/stages.ts"
import type { RunCdk } from "./cdk.ts"
import { deployStage, destroyStage } from "./steps.ts"

const stageOption = ["--stage <stage>", `one of ${Object.keys(stages).join(", ")}`] as const
const credentials = "It uses the AWS credentials of the shell (AWS_PROFILE), and reads nothing else of the environment."

/** `npm run deploy` and `npm run destroy`. @param say prints a line for the person at the terminal */
export function deploymentProgram(cdk: RunCdk, say: (line: string) => void): Command {
  const program = new Command("npm run").description("Deploys a stage from this clone, and removes it again.").exitOverride()
  program
    .command("deploy")
    .description(`Deploys every stack of a stage, which is also how a change is deployed. ${credentials}`)
    .requiredOption(...stageOption)
    .option("--no-rollback", "keep what was made before a failure, for the first deployment: the same command continues")
    .addHelpText("after", "\nExample:\n  npm run deploy -- --stage try")
    .action(({ stage, rollback }: { stage: string; rollback: boolean }) => deployStage(stageNamed(stage), { rollback }, cdk, say))
  program
    .command("destroy")
    .description(`Removes every stack of a stage that keeps nothing, with its data. ${credentials}`)
    .requiredOption(...stageOption)
    .option("--yes", "do not ask", false)
    .addHelpText("after", "\nExample:\n  npm run destroy -- --stage try")
    .action(({ stage, yes }: { stage: string; yes: boolean }) => destroyStage(stageNamed(stage), { confirmed: yes }, cdk, say))
  return program
}

/** Runs the program. @returns the exit code */
export async function runDeployment(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args, { from: "user" })
    return 0
  } catch (error) {
    // Commander has printed its help, or what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}
