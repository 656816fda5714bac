import type { Reader } from "../../domain/notices/notice.ts"

/** Where a shopper is written to, and how they read. */
export interface Addressee extends Reader {
  /** Their e-mail address. It stays in the memory of the process: it is in no log line, no record and no table. */
  readonly address: string
}

/** Finds the address of a user. @returns undefined when they have none @throws Error when that cannot be found out now */
export type AddressOf = (userId: string) => Promise<Addressee | undefined>
