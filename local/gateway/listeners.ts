import type { Server } from "node:http"
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from "node:net"

/**
 * Listening sockets of a gateway. libuv accepts one connection of a listening socket in each turn of the event loop, and
 * under load a turn takes 10 to 40 ms: with one socket, a rush of new connections waited ten seconds. The kernel spreads
 * the connections over the sockets (SO_REUSEPORT); see docs/adr/0037-sixteen-listening-sockets-not-one.md.
 */
const listeningSockets = 16

export interface ListenersOptions {
  readonly maxConnections: number
  readonly backlog: number
  /** Other processes listen on the same port. */
  readonly sharesPort: boolean
}

export interface Listeners {
  /** @returns the port, 0 for a socket file @throws Error when the port or the file is taken */
  listen(address: number | string): Promise<number>
  /** Accepts no more connections; resolves when those that are open have ended. */
  close(): Promise<void>
}

/** Lets an HTTP server listen on several sockets, as one. It bounds the connections of all of them together. */
export function createListeners(server: Server, { maxConnections, backlog, sharesPort }: ListenersOptions): Listeners {
  const open = new Set<Socket>()
  const more: NetServer[] = []
  let onEmpty = () => {}
  server.prependListener("connection", (socket: Socket) => {
    if (open.size >= maxConnections) {
      socket.destroy()
      return
    }
    open.add(socket)
    socket.once("close", () => {
      open.delete(socket)
      if (open.size === 0) onEmpty()
    })
  })

  return {
    async listen(address) {
      if (typeof address === "string") {
        await listening(server, { path: address, backlog })
        return 0
      }
      // Sockets that share a port would share it with any other process of this user. A taken port must be an error.
      if (!sharesPort) await expectFree(address)
      const shared = { host: "127.0.0.1", reusePort: true, backlog }
      await listening(server, { ...shared, port: address })
      const { port } = server.address() as AddressInfo
      for (let each = 1; each < listeningSockets; each += 1) {
        // The options of an HTTP server's own socket.
        const one = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket))
        more.push(one)
        await listening(one, { ...shared, port })
      }
      return port
    },
    async close() {
      for (const one of [server, ...more]) one.close()
      if (open.size > 0) await new Promise<void>((resolve) => (onEmpty = resolve))
    },
  }
}

const listening = (server: NetServer, options: Parameters<NetServer["listen"]>[0]): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject).listen(options, () => {
      server.off("error", reject)
      resolve()
    })
  })

async function expectFree(port: number): Promise<void> {
  const probe = createServer()
  await listening(probe, { host: "127.0.0.1", port })
  await new Promise((resolve) => probe.close(resolve))
}
