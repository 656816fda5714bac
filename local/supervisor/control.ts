import { rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { jsonOf } from "../../core/contracts/json.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { type ControlAnswer, ControlRequest, controlSocket } from "./control-messages.ts"
import type { OperatedGenerations } from "./operated-generations.ts"
import type { OperatedParts } from "./operated-parts.ts"

/** A Unix socket's path may have so many bytes (sys/un.h). */
const maxSocketPathBytes = 107

/**
 * Answers the commands of this machine's user over a Unix socket in the state folder. Only the owner of the folder may open it.
 * Without the socket the system runs all the same.
 *
 * @returns closes the socket
 */
export async function openControl(
  folder: StateFolder,
  parts: OperatedParts,
  generations: OperatedGenerations,
  say: (line: string) => void,
): Promise<() => Promise<void>> {
  const path = controlSocket(folder)
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    say(`consumers cannot be stopped by commands: the path ${path} is too long for a socket`)
    return async () => {}
  }
  rmSync(path, { force: true })
  const server = createServer((socket) => serve(socket, parts, generations))
  await listenForOwner(server, path)
  return async () => {
    server.close()
    rmSync(path, { force: true })
  }
}

/** The socket has the mode 0600 from its first moment. */
async function listenForOwner(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve))
  } finally {
    process.umask(before)
  }
  server.unref()
}

function serve(socket: Socket, parts: OperatedParts, generations: OperatedGenerations): void {
  socket.on("error", () => {})
  socket.setTimeout(idleMs, () => socket.destroy())
  createInterface({ input: socket }).on("line", (line) => socket.write(`${JSON.stringify(answer(line, parts, generations))}\n`))
}

/** A client sends its request at once. */
const idleMs = 5_000

function answer(line: string, parts: OperatedParts, generations: OperatedGenerations): ControlAnswer {
  const parsed = ControlRequest.safeParse(jsonOf(line))
  if (!parsed.success) return { ok: false, error: "The request is not one that the supervisor knows." }
  const request = parsed.data
  if (request.command === "use-generation") generations.use(request.generation)
  const known =
    request.command === "status" ||
    request.command === "use-generation" ||
    (request.command === "stop-part" ? parts.stop(request.part) : parts.start(request.part, request.delivery_delay_ms))
  return known
    ? { ok: true, parts: parts.states(), generation: generations.state() }
    : { ok: false, error: "There is no such consumer: npm run status lists the parts of the system." }
}
