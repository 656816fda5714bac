/** How a call of the API ended. */
export type Answer<Body> =
  | { readonly kind: "done"; readonly status: number; readonly body: Body; readonly retryAfterSeconds?: number | undefined }
  | Refusal
  /** No answer, or one that is not of the API: the call may or may not have taken effect. */
  | { readonly kind: "lost" }
  /** The session has ended, and could not be renewed. Nothing was done. */
  | { readonly kind: "signed-out" }

/** A problem document of the API or of the edge. Its slug may be one that only a newer version knows. */
export interface Refusal {
  readonly kind: "refused"
  readonly status: number
  readonly slug: string
  /** False: the API says that nothing was decided. Undefined: it does not say. */
  readonly decided?: boolean | undefined
  readonly retryAfterSeconds?: number | undefined
  /** The members of the reservation that the problem is about. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Slugs after which the same call may succeed, beside every 408, 429 and 5xx. */
const passing: ReadonlySet<string> = new Set(["insufficient-scope", "unauthorized", "not-decided-yet"])

const isTryAgainStatus = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500

/** True where the same call, with the same key, is sent again later. */
export const isPassing = ({ slug, status }: Pick<Refusal, "slug" | "status">): boolean =>
  passing.has(slug) || isTryAgainStatus(status)

/** Answers after which the request may have taken effect: anything but a clear word that it did not. */
export const leavesDoubt = (answer: Answer<unknown>): boolean =>
  answer.kind === "lost" || (answer.kind === "refused" && answer.decided !== false && isInDoubt(answer))

const isInDoubt = ({ slug, status }: Refusal): boolean =>
  slug === "outcome-unknown" || status === 408 || (status >= 500 && slug !== "sale-halted")
