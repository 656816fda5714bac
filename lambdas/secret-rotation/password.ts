import { randomBytes } from "node:crypto"

const passwordBytes = 48

/** 64 letters, digits and dashes: ElastiCache accepts few other characters, and no underscore. */
export const newPassword = (): string => randomBytes(passwordBytes).toString("base64url").replaceAll("_", "-")
