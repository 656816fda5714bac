import { hash, randomUUID } from "node:crypto"
import { commandIdOf } from "./ids.ts"

/** A command that is carried out once: the id of its idempotency key, and the hash of its content. */
export interface KeyedCommand {
  readonly id: string
  /** SHA-256. */
  readonly hash: Buffer
}

/** How a key was used before: for the same command, or for another one. */
export type EarlierUse = "same" | "other"

/** An idempotency key, and the user to whom it belongs: two users may choose one key. */
export interface CommandKey {
  readonly owner: string
  readonly key: string
}

/** The owner of the keys of all operators: one operator may repeat a command that another began. */
export const operatorsId = "a3b0f0c4-6f5e-5c0e-9a43-2f1d5a0c8e11"

/** The key of a command that came without one: the command is one of its own. */
export const ownKey = (): CommandKey => ({ owner: operatorsId, key: randomUUID() })

/** Joins a key with the command it is used for. @param asked the command and its arguments, as JSON can write them */
export const keyedCommand = ({ owner, key }: CommandKey, asked: readonly (string | number)[]): KeyedCommand => ({
  id: commandIdOf(owner, key),
  hash: hash("sha256", JSON.stringify(asked), "buffer"),
})
