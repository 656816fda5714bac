import { randomUUID } from "node:crypto"
import { type Command, Option } from "commander"

export interface KeyOption {
  readonly key?: string
}

/** Lets a person repeat a command whose answer was lost: with the same key it is carried out once. */
export const withKey = (command: Command): Command =>
  command.addOption(
    new Option("--key <key>", "the idempotency key of the command that is repeated (default: a new one, which is printed)"),
  )

/** The key to send. It is printed before the command goes out: a person has it even if the CLI itself is killed. */
export function announcedKey({ key = randomUUID() }: KeyOption): string {
  process.stderr.write(
    `idempotency key: ${key} (if no answer comes, repeat the command with --key ${key}; it is carried out once)\n`,
  )
  return key
}
