import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"

/** A TCP link to a port of this machine that a test makes slow, cuts, or lets lead nowhere. */
export interface FaultProxy {
  readonly port: number
  /** From now on each chunk arrives so much later, in either direction. */
  delay(ms: number): void
  /** From now on chunks arrive in pieces of at most so many bytes. */
  slice(bytes: number): void
  /** Resets every connection there is; new ones may be made. */
  reset(): void
  /** Present connections lead nowhere from now on, without either side being told. */
  deafen(): void
  /** New connections lead to another port from now on, present ones stay: as a name does that is resolved anew. */
  leadTo(upstreamPort: number): void
  close(): void
}

interface Link {
  readonly ends: readonly [client: Socket, server: Socket]
  isDeaf: boolean
}

/** Opens a proxy in front of a port. */
export async function faultProxy(firstUpstreamPort: number): Promise<FaultProxy> {
  let upstreamPort = firstUpstreamPort
  const links = new Set<Link>()
  let delayMs = 0
  let pieceBytes = Number.POSITIVE_INFINITY

  /** Chunks keep their order whatever the delay does meanwhile: each waits for its own time and for the one before. */
  function carry(link: Link, from: Socket, to: Socket): void {
    let before = Promise.resolve()
    from.on("data", (chunk: Buffer) => {
      const due = delayMs > 0 ? delay(delayMs) : undefined
      before = before.then(async () => {
        await due
        if (link.isDeaf || to.destroyed) return
        for (let at = 0; at < chunk.length; at += pieceBytes) to.write(chunk.subarray(at, at + pieceBytes))
      })
    })
    from.on("end", () => before.then(() => to.end()))
    from.on("error", () => to.destroy()).on("close", () => links.delete(link))
  }

  const proxy = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const server = connect({ port: upstreamPort, host: "127.0.0.1", noDelay: true, allowHalfOpen: true })
    const link: Link = { ends: [client, server], isDeaf: false }
    links.add(link)
    carry(link, client, server)
    carry(link, server, client)
  })
  proxy.listen(0, "127.0.0.1")
  await once(proxy, "listening")

  return {
    port: (proxy.address() as AddressInfo).port,
    delay: (ms) => {
      delayMs = ms
    },
    slice: (bytes) => {
      pieceBytes = bytes
    },
    reset() {
      for (const socket of [...links].flatMap(({ ends }) => ends)) socket.resetAndDestroy()
    },
    deafen() {
      for (const link of links) link.isDeaf = true
    },
    leadTo(port) {
      upstreamPort = port
    },
    close() {
      proxy.close()
      for (const socket of [...links].flatMap(({ ends }) => ends)) socket.destroy()
    },
  }
}

/** The address of a server, by way of a proxy in front of it. */
export function addressThrough({ port }: FaultProxy, url: string): string {
  const through = new URL(url)
  through.port = String(port)
  return through.href
}
