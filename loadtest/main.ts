import "./quiet-telemetry.ts"
import { Command } from "commander"
import { alarmsCommand } from "./alarms/command.ts"
import { analyticsCommand } from "./analytics/command.ts"
import { coldCommand } from "./cold/command.ts"
import { initCommand } from "./init/command.ts"
import { pathCommand } from "./path/command.ts"
import { overloadCommand } from "./path/overload-command.ts"
import { compareCommand, reportCommand } from "./report/commands.ts"
import { messagesCommand, produceCommand, replayCommand } from "./streams/command.ts"
import { writerCommand } from "./writer/command.ts"

/** `npm run bench`: measures the system on this machine, and its rivals for comparison. */
await new Command("bench")
  .description("Measures the system and its rivals.")
  .addCommand(writerCommand())
  .addCommand(pathCommand())
  .addCommand(overloadCommand())
  .addCommand(coldCommand())
  .addCommand(initCommand())
  .addCommand(analyticsCommand())
  .addCommand(produceCommand())
  .addCommand(replayCommand())
  .addCommand(messagesCommand())
  .addCommand(alarmsCommand())
  .addCommand(compareCommand())
  .addCommand(reportCommand())
  .parseAsync()
