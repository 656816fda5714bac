import "./quiet-telemetry.ts"
import { Command } from "commander"
import { pathCommand } from "./path/command.ts"
import { overloadCommand } from "./path/overload-command.ts"
import { compareCommand, reportCommand } from "./report/commands.ts"
import { writerCommand } from "./writer/command.ts"

/** `npm run bench`: numbers of this machine, beside what they are to be compared with. */
await new Command("bench")
  .description("Measures the system and what it is compared with.")
  .addCommand(writerCommand())
  .addCommand(pathCommand())
  .addCommand(overloadCommand())
  .addCommand(compareCommand())
  .addCommand(reportCommand())
  .parseAsync()
