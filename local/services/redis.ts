import { mkdirSync } from "node:fs"
import { connect } from "node:net"
import { type Part, plainEnvironment } from "./part.ts"
import type { StateFolder } from "./state-folder.ts"
import type { Tools } from "./tools.ts"

const answerTimeoutMs = 500

export interface RedisOptions {
  readonly name: string
  readonly port: number
  readonly maxMemoryMb: number
  readonly databases: number
}

/** Redis that keeps nothing on disk and evicts nothing: what it holds can be rebuilt, and must not vanish in part. */
export function redisPart(folder: StateFolder, tools: Tools, { name, port, maxMemoryMb, databases }: RedisOptions): Part {
  const settings = {
    bind: "127.0.0.1",
    port: String(port),
    dir: folder.path(name),
    maxmemory: `${maxMemoryMb}mb`,
    "maxmemory-policy": "noeviction",
    appendonly: "no",
    save: "",
    databases: String(databases),
  }
  return {
    name,
    port,
    stopSignal: "SIGTERM",
    command: {
      file: tools.redisServer,
      args: Object.entries(settings).flatMap(([setting, value]) => [`--${setting}`, value]),
      env: plainEnvironment(),
    },
    prepare: async () => void mkdirSync(folder.path(name), { recursive: true }),
    isHealthy: () => answersPing(port),
  }
}

/** PING over a bare socket: a client that reconnects by itself would tell less. */
const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: answerTimeoutMs }, () => socket.write("PING\r\n"))
    const finish = (isHealthy: boolean) => {
      socket.destroy()
      resolve(isHealthy)
    }
    socket.once("data", (answer) => finish(answer.toString().startsWith("+PONG")))
    socket.once("error", () => finish(false))
    socket.once("timeout", () => finish(false))
  })
