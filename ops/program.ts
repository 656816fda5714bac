import { userInfo } from "node:os"
import { Command } from "commander"
import { addAlarmsCommand } from "./alarms-command.ts"
import { type Ask, createClient, type Transport } from "./client.ts"
import { type CommandContext, documentExitCodes, type GlobalOptions } from "./command-context.ts"
import { addCompletionCommand } from "./completion-command.ts"
import { addDbCommand } from "./db-command.ts"
import { addGenerationCommands } from "./generation-command.ts"
import { addGroupCommands } from "./groups-command.ts"
import { addHoldsCommand } from "./holds-command.ts"
import { localTransport } from "./local.ts"
import { addLogsCommand } from "./logs-command.ts"
import { addMessagesCommand } from "./messages-command.ts"
import { addModeCommand } from "./mode-command.ts"
import { addModelCommands } from "./model-commands.ts"
import { addNoticesCommand } from "./notices-command.ts"
import { addOrderCommands } from "./order-commands.ts"
import { addOversellCommands } from "./oversell-commands.ts"
import { addPaymentsCommand } from "./payments-command.ts"
import { addPreflightCommand } from "./preflight-command.ts"
import { addQuarantineCommand } from "./quarantine-command.ts"
import { addReceiptCommands } from "./receipt.ts"
import { addReconcileCommand } from "./reconcile-command.ts"
import { addRedisCommand } from "./redis-command.ts"
import { addReplayCommand } from "./replay-command.ts"
import { addReportCommand } from "./report-command.ts"
import { addSaleCommands } from "./sale-commands.ts"
import { addSettingsCommands } from "./settings-commands.ts"
import { addTopicsCommand } from "./topics-command.ts"
import { addTraceCommand } from "./trace-command.ts"
import { addVerificationCommands } from "./verification-commands.ts"
import { addWarmCommand } from "./warm-command.ts"
import { addWatchCommands } from "./watch-commands.ts"

/** The CLI, and what closes its connections. */
export interface OpsProgram {
  readonly program: Command
  close(): Promise<void>
}

/** Every command, in the order of the help. */
const adders: readonly ((program: Command, context: CommandContext) => void)[] = [
  addSaleCommands,
  addReceiptCommands,
  addModeCommand,
  addHoldsCommand,
  addOrderCommands,
  addOversellCommands,
  addNoticesCommand,
  addPreflightCommand,
  addWarmCommand,
  addSettingsCommands,
  addTraceCommand,
  addGroupCommands,
  addReplayCommand,
  addGenerationCommands,
  addReconcileCommand,
  addTopicsCommand,
  addMessagesCommand,
  addQuarantineCommand,
  addAlarmsCommand,
  addWatchCommands,
  addLogsCommand,
  addDbCommand,
  addRedisCommand,
  addPaymentsCommand,
  addVerificationCommands,
  addReportCommand,
  addModelCommands,
  addCompletionCommand,
]

const deployedTransport = async (stage: string): Promise<Transport> => (await import("./deployed.ts")).deployedTransport(stage)

/**
 * Makes the CLI. Its commands print answers on standard output and progress on standard error, and set the exit code of the
 * process.
 *
 * @param local makes what carries commands to the system of this machine
 */
export function createProgram(local: () => Promise<Transport> = localTransport): OpsProgram {
  const program = new Command("ops")
    .description(
      "Operates a flash sale. Without --stage, commands run here, on the local system. With --stage, the same code runs inside the stage's network: the CLI invokes the functions flash-sale-<stage>-ops and flash-sale-<stage>-ops-checks with your AWS credentials.",
    )
    .option("--stage <name>", "use a deployed stage: try, dev, load or prod")
    .option("--operator <name>", "your name, for the log (default: the user of this machine)")
    .option("--json", "print the answer as JSON, for programs", false)
    .showHelpAfterError("(--help lists the commands and options)")

  const options = () => program.opts<GlobalOptions>()
  let client: Ask | undefined
  const ask = (): Ask => {
    const { stage, operator = userInfo().username } = options()
    client ??= createClient(
      () => (stage === undefined ? local() : deployedTransport(stage)),
      operator,
      (line) => process.stderr.write(`${line}\n`),
    )
    return client
  }
  for (const add of adders) add(program, { ask, options, asJson: () => options().json })
  documentExitCodes(program)
  return { program, close: async () => client?.close() }
}
