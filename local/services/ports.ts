import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"

/** These ports are below the range that Linux uses for outgoing connections. So no connection takes a port between two starts. */
const lowestPort = 20_000
const highestPort = 31_999
const maxTries = 200

/**
 * A file for each port that a system of this user has chosen. Two systems that start at the same time choose their ports long
 * before their parts listen: a look at who listens would give both the same port.
 */
const claims = join(tmpdir(), `flash-sale-ports-${userInfo().uid}`)
/** A start takes less. Afterwards the port is in use, or its system has given up. */
const claimMs = 300_000

/** Whether a server could listen on this port of the loopback interface now. */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(false))
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)))
  })

/** A free port that is not in `taken`, and that no other system of this user gets meanwhile. @throws Error after 200 attempts */
export async function pickPort(taken: ReadonlySet<number>): Promise<number> {
  mkdirSync(claims, { recursive: true })
  deleteOldClaims()
  for (let tries = 0; tries < maxTries; tries++) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort + 1))
    if (!taken.has(port) && claimed(port) && (await isPortFree(port))) return port
  }
  throw new Error(`No free port found between ${lowestPort} and ${highestPort}`)
}

/** @returns false if the port belongs to another claim */
function claimed(port: number): boolean {
  try {
    writeFileSync(join(claims, String(port)), "", { flag: "wx" })
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  }
}

function deleteOldClaims(): void {
  for (const name of readdirSync(claims)) {
    const path = join(claims, name)
    const claimedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (Date.now() - claimedAtMs > claimMs) rmSync(path, { force: true })
  }
}
