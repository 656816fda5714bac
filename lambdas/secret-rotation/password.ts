import { randomBytes } from "node:crypto"

const passwordBytes = 48

/** 64 letters, digits and dashes: ElastiCache takes few other characters, no underscore among them. */
export const newPassword = (): string => randomBytes(passwordBytes).toString("base64url").replaceAll("_", "-")
