import type { HttpAnswer } from "./answer.ts"

/** A route that exists in the local run only. The gateway answers it without a function. */
export interface LocalRoute {
  readonly method: "GET" | "POST"
  readonly path: string
  /** @throws ProblemError */
  readonly answer: (body: Buffer) => Promise<HttpAnswer>
}
