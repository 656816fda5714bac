import { Sha256 } from "@aws-crypto/sha256-js"
import { SignatureV4 } from "@smithy/signature-v4"
import type { AwsCredentials } from "../archive/bucket.ts"

export interface LambdaApiOptions {
  readonly region: string
  readonly credentials: AwsCredentials
  /** When the API is not at Lambda's own address. */
  readonly address?: string
  /** How long a call may take. */
  readonly timeoutMs?: number
}

export interface LambdaCall {
  readonly method: "GET" | "PUT" | "POST" | "DELETE"
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer of Lambda that is an error. */
export class LambdaRefused extends Error {
  readonly status: number

  constructor(status: number, answer: string) {
    super(`Lambda answered ${status}: ${answer}`)
    this.name = "LambdaRefused"
    this.status = status
  }
}

/** Calls Lambda's API. @returns the JSON of the answer, undefined when it is empty @throws LambdaRefused, the errors of fetch */
export type CallLambda = (call: LambdaCall) => Promise<unknown>

const usualTimeoutMs = 10_000

/** AWS's own signer without its client for Lambda, which is many times as large as the few calls that functions make. */
export function createLambdaApi({ region, credentials, address, timeoutMs = usualTimeoutMs }: LambdaApiOptions): CallLambda {
  const base = address ?? `https://lambda.${region}.amazonaws.com`
  const signer = new SignatureV4({ region, credentials, service: "lambda", sha256: Sha256 })
  return async ({ method, path, query = {}, body, headers: more = {} }) => {
    const text = body === undefined ? "" : JSON.stringify(body)
    const url = new URL(path, base)
    const { protocol, hostname, host } = url
    const unsigned = { method, protocol, hostname, path, query, headers: { host, "content-type": "application/json", ...more } }
    const { host: _, ...headers } = (await signer.sign({ ...unsigned, body: text })).headers
    url.search = new URLSearchParams(query).toString()
    const answer = await fetch(url, {
      ...{ method, headers, signal: AbortSignal.timeout(timeoutMs) },
      ...(text !== "" && { body: text }),
    })
    const answered = await answer.text()
    if (!answer.ok) throw new LambdaRefused(answer.status, answered)
    return answered === "" ? undefined : JSON.parse(answered)
  }
}
