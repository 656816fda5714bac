import type { AddressInfo } from "node:net"
import { SMTPServer, type SMTPServerDataStream } from "smtp-server"

/** A mail of ours has some kilobytes. */
const maxMailBytes = 256 * 1_024
const maxClients = 64
const idleMs = 30_000

export interface MailServer {
  /** @returns the port; 0 picks a free one @throws Error when the port is taken */
  listen(port: number): Promise<number>
  close(): Promise<void>
}

/** A real SMTP server that takes every mail and sends none on. @param onMail keeps a mail; the client waits for it */
export function createMailServer(onMail: (message: Buffer) => Promise<unknown>): MailServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    size: maxMailBytes,
    maxClients,
    socketTimeout: idleMs,
    disableReverseLookup: true,
    onData(stream, _session, done) {
      readMail(stream)
        .then(onMail)
        .then(
          () => done(),
          (error: Error) => done(Object.assign(error, { responseCode: 452 })),
        )
    },
  })
  // A client that closes its connection in the middle is the client's own matter.
  server.on("error", () => {})
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, "127.0.0.1", () => resolve((server.server.address() as AddressInfo).port))
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The client may send more than it announced: the rest is read and dropped, and the mail is refused. */
async function readMail(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= maxMailBytes) chunks.push(chunk)
  }
  if (bytes > maxMailBytes) throw new Error(`A mail of ${bytes} bytes is above the limit of ${maxMailBytes}`)
  return Buffer.concat(chunks)
}
