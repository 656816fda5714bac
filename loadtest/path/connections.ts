import { connect, type Socket } from "node:net"

/** Receives the answer: a status and a body, or status 0 and the reason why there is none. */
export type OnAnswer = (status: number, body: string) => void

export interface Connections {
  /** Sends a request, in the text of HTTP/1.1, on a free connection; waits while all are in use. */
  send(request: string, onAnswer: OnAnswer): void
  /** Requests that wait for a connection. */
  readonly waiting: number
  close(): void
}

/** Open connections, each with one request at a time. Further requests wait, and their latency includes the wait. */
export const maxConnections = 512
/** Requests that may wait for a connection. Further ones fail at once, and the step fails with them. */
export const maxWaiting = 20_000

interface Connection {
  readonly socket: Socket
  received: string
  onAnswer: OnAnswer | undefined
}

/**
 * Keep-alive connections to a server on 127.0.0.1 whose answers all carry a Content-Length, as the gateway's do. So the parser is
 * small and cheap (the whole generator takes 27 us of the processor a request). That matters, because the generator shares the
 * cores with the measured system.
 */
export function openConnections(port: number): Connections {
  const all = new Set<Connection>()
  const idle: Connection[] = []
  const queue: { request: string; onAnswer: OnAnswer }[] = []
  let head = 0
  let closing = false

  const begin = (connection: Connection, request: string, onAnswer: OnAnswer) => {
    connection.onAnswer = onAnswer
    connection.socket.write(request, "latin1")
  }

  const next = (connection: Connection) => {
    const waiting = queue[head]
    if (waiting === undefined) {
      idle.push(connection)
      return
    }
    head += 1
    if (head === queue.length) {
      queue.length = 0
      head = 0
    }
    begin(connection, waiting.request, waiting.onAnswer)
  }

  const open = (): Connection => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    const connection: Connection = { socket, received: "", onAnswer: undefined }
    all.add(connection)
    socket.on("data", (chunk) => {
      connection.received += chunk.toString("latin1")
      const answer = parse(connection.received)
      if (answer === undefined) return
      connection.received = ""
      end(connection, answer.status, answer.body)
      next(connection)
    })
    socket.on("error", (error: NodeJS.ErrnoException) => end(connection, 0, error.code ?? error.message))
    socket.on("close", () => {
      all.delete(connection)
      if (closing) return
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
      end(connection, 0, "closed without an answer")
    })
    return connection
  }

  return {
    send(request, onAnswer) {
      const connection = idle.pop() ?? (all.size < maxConnections ? open() : undefined)
      if (connection) begin(connection, request, onAnswer)
      else if (queue.length - head >= maxWaiting) onAnswer(0, "the generator's own queue is full")
      else queue.push({ request, onAnswer })
    },
    get waiting() {
      return queue.length - head
    },
    close() {
      closing = true
      for (const { socket } of all) socket.destroy()
    },
  }
}

/** Reports the answer to the request of a connection, if one is open. */
function end(connection: Connection, status: number, body: string): void {
  const { onAnswer } = connection
  connection.onAnswer = undefined
  onAnswer?.(status, body)
}

const headEnd = "\r\n\r\n"
const statusAt = "HTTP/1.1 ".length

function parse(received: string): { status: number; body: string } | undefined {
  const bodyAt = received.indexOf(headEnd)
  if (bodyAt < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1])
  const body = received.slice(bodyAt + headEnd.length)
  return body.length < length ? undefined : { status: Number(received.slice(statusAt, statusAt + 3)), body }
}
