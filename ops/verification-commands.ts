import type { Command } from "commander"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { printInvariants, printLag } from "./print.ts"
import { printVerification } from "./print-verification.ts"

/** Adds `lag`, `verify-sale` and `invariants`. */
export function addVerificationCommands(program: Command, { ask, asJson }: CommandContext): void {
  withExamples(program.command("lag"), "lag")
    .description("show how far the writer is behind Kafka, by partition, and the relay behind the ledger")
    .action(async () => printLag(await ask()({ command: "lag" }), asJson()))

  withExamples(program.command("verify-sale"), "verify-sale", "--stage prod --json verify-sale --all")
    .description("prove from the ledger that nothing was oversold, and check every invariant; reads only PostgreSQL")
    .option("--all", "print a line for each SKU, also for SKUs that never sold a unit", false)
    .action(async ({ all }: { all: boolean }) => {
      const verification = await ask()({ command: "verify-sale" })
      printVerification(verification, { json: asJson(), all })
      if (!verification.ok) process.exitCode = failed
    })

  withExamples(program.command("invariants"), "invariants")
    .description("check every invariant of the tables, without reading the ledger entry by entry")
    .action(async () => {
      const verification = await ask()({ command: "invariants" })
      printInvariants(verification, asJson())
      if (!verification.ok) process.exitCode = failed
    })
}
