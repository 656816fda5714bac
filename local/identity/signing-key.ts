import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose"

const fileName = "identity-key.json"
const modulusBits = 2_048

/** The algorithm that Cognito signs with. */
export const signingAlgorithm = "RS256"

/**
 * The issuer's private key, made at the first use and kept in the state folder, readable by its owner only: tokens outlive a
 * restart. Processes that start together agree on one key, because a file is linked into place only where none is.
 */
export async function loadSigningKey(stateDir: string): Promise<JWK> {
  const path = join(stateDir, fileName)
  const known = await readKey(path)
  if (known) return known
  await mkdir(stateDir, { recursive: true })
  const draft = `${path}.${process.pid}`
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
    throw new Error(`The issuer's key in ${path} cannot be read; delete it to get another`, { cause: error })
  }
}

function unlessItExists(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined)
