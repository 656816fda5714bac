import { randomUUID } from "node:crypto"
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose"

const fileName = "identity-key.json"
const modulusBits = 2_048

/** Cognito signs with this algorithm. */
export const signingAlgorithm = "RS256"

/**
 * The issuer's private key. It is created at its first use and kept in the state folder, where only its owner can read it, so
 * that tokens survive a restart. Processes that start together agree on one key: the file is linked into place only if none
 * exists.
 */
export async function loadSigningKey(stateDir: string): Promise<JWK> {
  const path = join(stateDir, fileName)
  const known = await readKey(path)
  if (known) return known
  await mkdir(stateDir, { recursive: true })
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(await newKey()), { mode: 0o600 })
  await link(draft, path).catch(unlessItExists)
  await rm(draft)
  await chmod(path, 0o600)
  return JSON.parse(await readFile(path, "utf8")) as JWK
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true, modulusLength: modulusBits })
  const key = await exportJWK(privateKey)
  return { ...key, kid: await calculateJwkThumbprint(key), alg: signingAlgorithm, use: "sig" }
}

async function readKey(path: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as JWK
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw new Error(`The issuer's key in ${path} cannot be read. Delete the file; the next start creates a new key`, {
      cause: error,
    })
  }
}

function unlessItExists(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined)
