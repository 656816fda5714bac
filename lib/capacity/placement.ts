import type { FunctionName } from "../config.ts"

/** Functions that call nothing in the VPC: they need no network interfaces, and start faster. */
export const functionsOutsideVpc: ReadonlySet<FunctionName> = new Set([
  "analytics-report",
  "documents",
  "not-found",
  "bootstrap-brokers",
  "secret-rotation",
  "mail-feedback",
  "pager",
  "token-claims",
])
