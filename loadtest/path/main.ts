import { pathCommand } from "./command.ts"

await pathCommand().parseAsync()
