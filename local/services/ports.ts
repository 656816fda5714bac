import { createServer } from "node:net"

/** Below the range that Linux hands to outgoing connections, so that a port kept for the next start is not taken meanwhile. */
const lowestPort = 20_000
const highestPort = 31_999
const maxTries = 200

/** True if a server could listen on this port of the loopback interface now. */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(false))
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)))
  })

/** A free port that is none of `taken`. @throws Error after 200 tries */
export async function pickPort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort + 1))
    if (!taken.has(port) && (await isPortFree(port))) return port
  }
  throw new Error(`No free port found between ${lowestPort} and ${highestPort}`)
}
