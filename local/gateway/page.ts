import Negotiator from "negotiator"
import { isPageEntrance, pagePermissions, pageReferrerPolicy, pageSecurityPolicy } from "../../core/contracts/http/page.ts"
import type { StageConfig } from "../../web/src/config/stage-config.ts"
import { stageConfigPath } from "../../web/src/config/stage-config.ts"
import type { HttpAnswer } from "./answer.ts"
import type { HttpRequest } from "./event.ts"
import { type PageEncoding, type PageFile, type PageFiles, pageEncodings, pageFile, readPageFiles } from "./page-files.ts"

/** The shop's page, as CloudFront serves it from its bucket. */
export interface Page {
  /** Whether the page has been built. */
  readonly isBuilt: boolean
  /** @returns undefined for what is no file of the page: the API answers it */
  answer(request: Pick<HttpRequest, "method" | "path" | "received">): HttpAnswer | undefined
}

const index = "/index.html"

/** What CDK writes for a deployed stage (lib/constructs/page-deployment.ts). */
const localStage: StageConfig = { stage: "local", apiBaseUrl: "", signIn: { kind: "local" }, payments: { kind: "simulated" } }

/** The headers that CloudFront adds to every answer of the page (lib/constructs/distribution.ts), less what needs HTTPS. */
const securityHeaders = {
  "content-security-policy": pageSecurityPolicy({}),
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": pagePermissions,
  "referrer-policy": pageReferrerPolicy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const

/** Reads the page of a folder into memory, once: a request reads no file. */
export function openPage(folder: string): Page {
  const built = readPageFiles(folder)
  const files: PageFiles = new Map([
    ...built,
    [stageConfigPath, pageFile(stageConfigPath, Buffer.from(JSON.stringify(localStage)))],
  ])
  return {
    isBuilt: built.has(index),
    answer({ method, path, received: { headers } }) {
      if (method !== "GET" && method !== "HEAD") return undefined
      const file = files.get(isPageEntrance(path) ? index : path)
      return file && answerWith(file, headers)
    },
  }
}

function answerWith(file: PageFile, { "accept-encoding": accepted, "if-none-match": known }: Record<string, string>): HttpAnswer {
  const encoding = encodingFor(file, accepted)
  const etag = `"${file.tag}${encoding === undefined ? "" : `-${encoding}`}"`
  const headers = { ...securityHeaders, etag, vary: "accept-encoding", "cache-control": file.cacheControl }
  if (known !== undefined && isKnown(known, etag)) return { statusCode: 304, headers, body: "" }
  return {
    statusCode: 200,
    headers: { ...headers, "content-type": file.type, ...(encoding !== undefined && { "content-encoding": encoding }) },
    body: (encoding !== undefined && file.encoded.get(encoding)) || file.body,
  }
}

/** The best encoding that the client accepts and the build has; undefined means the file as it is. */
function encodingFor({ encoded }: PageFile, accepted: string | undefined): PageEncoding | undefined {
  if (accepted === undefined || encoded.size === 0) return undefined
  const acceptable = new Negotiator({ headers: { "accept-encoding": accepted } }).encodings([...encoded.keys()])
  return pageEncodings.find((encoding) => acceptable.includes(encoding))
}

/** `If-None-Match` is a list of tags or an asterisk; a weak tag is as good as a strong one (RFC 9110, 13.1.2). */
const isKnown = (known: string, etag: string): boolean =>
  known.trim() === "*" || known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)
