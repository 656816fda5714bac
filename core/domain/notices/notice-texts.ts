import type { NoticeKind, NoticeOf } from "./notice.ts"
import type { NoticeFormat } from "./notice-format.ts"

/** What a text is written from, beside the facts of its notice. */
export interface NoticeSetting {
  readonly format: NoticeFormat
  /** The product's name. */
  readonly product: string
  /** When the text is written. */
  readonly nowMs: number
}

/** The page that a link of a notice leads to. */
export type NoticeTarget = "sale" | "orders" | "all-sales"

/** One notice in one language, without any markup. */
export interface NoticeText {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly link: { readonly label: string; readonly to: NoticeTarget }
}

/** The texts of a language. A kind without a text does not compile. */
export interface NoticeTexts {
  /** The name of the shop, as the sender of the mail. */
  readonly shop: string
  /** The last paragraph of every notice. */
  readonly automatic: string
  readonly kinds: { readonly [Kind in NoticeKind]: (notice: NoticeOf<Kind>, setting: NoticeSetting) => NoticeText }
}

const minuteMs = 60_000

/** Whole minutes that are left until `endsAtMs`, rounded down: a shopper must not rely on time that they do not have. */
export const minutesLeft = (endsAtMs: number, nowMs: number): number => Math.max(0, Math.floor((endsAtMs - nowMs) / minuteMs))

/** Whole seconds that are left until `endsAtMs`, rounded down. */
export const secondsLeft = (endsAtMs: number, nowMs: number): number => Math.max(0, Math.floor((endsAtMs - nowMs) / 1_000))
