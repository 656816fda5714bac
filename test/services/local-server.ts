import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"

/** An HTTP server of a test, on a free port of this machine. */
export interface LocalServer {
  readonly url: string
  /** Closes every connection, too. */
  close(): Promise<void>
}

/** Starts a server that replaces an external service. */
export async function localServer(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
