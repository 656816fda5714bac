import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"

/** A TCP proxy to a port of this machine. A test can delay, cut or silence its connections. */
export interface FaultProxy {
  readonly port: number
  /** From now on each chunk arrives this much later, in both directions. */
  delay(ms: number): void
  /** From now on chunks arrive in pieces of at most this many bytes. */
  slice(bytes: number): void
  /** Resets every open connection; clients may connect again. */
  reset(): void
  /** From now on the open connections transport nothing, and neither side notices. */
  deafen(): void
  /** From now on open and new connections are reset, until `serve`. */
  refuse(): void
  serve(): void
  /**
   * Loses one reply: the next chunk from the server that contains `reply`, on a connection where the client has sent `sent`,
   * does not arrive, and the connection is reset. The server has executed the request.
   * @returns how many replies were lost so far: 0 or 1
   */
  loseReply(lost: { readonly sent: string; readonly reply: string }): () => number
  /** From now on new connections lead to another port and open ones stay, as after a DNS change. */
  leadTo(upstreamPort: number): void
  close(): void
}

interface Link {
  readonly ends: readonly [client: Socket, server: Socket]
  isDeaf: boolean
  hasSent: boolean
}

/** Opens a proxy in front of a port. */
export async function faultProxy(firstUpstreamPort: number): Promise<FaultProxy> {
  let upstreamPort = firstUpstreamPort
  const links = new Set<Link>()
  let delayMs = 0
  let pieceBytes = Number.POSITIVE_INFINITY
  let isRefusing = false
  let toLose: { readonly sent: string; readonly reply: string; times: number } | undefined

  const resetAll = () => {
    for (const socket of [...links].flatMap(({ ends }) => ends)) socket.resetAndDestroy()
  }

  /** True for the chunk to lose; its connection is reset. */
  function isLost(link: Link, from: Socket, chunk: Buffer): boolean {
    if (toLose === undefined || toLose.times > 0) return false
    const [client, server] = link.ends
    if (from === client) {
      link.hasSent ||= chunk.includes(toLose.sent)
      return false
    }
    if (!link.hasSent || !chunk.includes(toLose.reply)) return false
    toLose.times += 1
    client.resetAndDestroy()
    server.end()
    return true
  }

  /** Chunks keep their order when the delay changes: each waits for its own time and for the chunk before it. */
  function carry(link: Link, from: Socket, to: Socket): void {
    let before = Promise.resolve()
    from.on("data", (chunk: Buffer) => {
      if (isLost(link, from, chunk)) return
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
    const link: Link = { ends: [client, server], isDeaf: false, hasSent: false }
    links.add(link)
    carry(link, client, server)
    carry(link, server, client)
    if (isRefusing) resetAll()
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
    reset: resetAll,
    refuse() {
      isRefusing = true
      resetAll()
    },
    serve() {
      isRefusing = false
    },
    loseReply(lost) {
      const losing = { ...lost, times: 0 }
      toLose = losing
      for (const link of links) link.hasSent = false
      return () => losing.times
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

/** The address of a server, through a proxy in front of it. */
export function addressThrough({ port }: FaultProxy, url: string): string {
  const through = new URL(url)
  through.port = String(port)
  return through.href
}
