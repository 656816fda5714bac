import type { PagedPriority } from "../../contracts/pages.ts"

/** One change of an alarm, as a person hears of it. */
export interface Page {
  /** The name of the alarm: what the service recognises it by, so that its end closes the page. */
  readonly alarm: string
  readonly priority: PagedPriority
  readonly state: "alarm" | "ok"
  /** The condition in words. */
  readonly summary: string
  /** Why the state changed, in CloudWatch's words. */
  readonly reason: string
  /** Where the runbook says what to do. */
  readonly runbook?: string
  /** The region of the alarm. */
  readonly source: string
  /** RFC 3339. */
  readonly at: string
}

/** A call of a pager service. */
export interface PageRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Text of at most so many characters. */
export const shortened = (text: string, characters: number): string =>
  text.length <= characters ? text : `${text.slice(0, characters - 1)}…`
