import { randomUUID } from "node:crypto"
import { type Command, Option } from "commander"

export interface KeyOption {
  readonly key?: string
}

/** Lets an operator repeat a command whose answer was lost: with the same key it is carried out once. */
export const withKey = (command: Command): Command =>
  command.addOption(new Option("--key <key>", "idempotency key of the command to repeat (default: a new key, which is printed)"))

/** The key to send. It is printed before the command is sent, so that the operator has it even if the CLI is killed. */
export function announcedKey({ key = randomUUID() }: KeyOption): string {
  process.stderr.write(
    `idempotency key: ${key} (if no answer comes, repeat the command with --key ${key}: it is carried out once)\n`,
  )
  return key
}
