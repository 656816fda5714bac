import { createServer } from "node:net"

/** These ports are below the range that Linux uses for outgoing connections. So no connection takes a port between two starts. */
const lowestPort = 20_000
const highestPort = 31_999
const maxTries = 200

/** Whether a server could listen on this port of the loopback interface now. */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(false))
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)))
  })

/** A free port that is not in `taken`. @throws Error after 200 attempts */
export async function pickPort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort + 1))
    if (!taken.has(port) && (await isPortFree(port))) return port
  }
  throw new Error(`No free port found between ${lowestPort} and ${highestPort}`)
}
