import { mkdtemp, rm } from "node:fs/promises"
import { Agent, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { type ApiAnswer, type Send, targetOf } from "../../core/runtime/warm-up/api-call.ts"
import { type AnswerCounts, prepareShopperCalls } from "../../core/runtime/warm-up/shopper-calls.ts"
import type { PrepareRounds } from "../../core/runtime/warm-up/warm-up.ts"
import type { ApiFunctions } from "./handlers.ts"
import { createGateway } from "./server.ts"

const connections = 24

/**
 * Calls the functions through a second server of this process, so that the code of the server is compiled, too. It listens on a
 * socket file that only the user of this process can open.
 * @param counts gets the answers by kind and status
 */
export const prepareGatewayCalls =
  (functions: ApiFunctions, counts?: AnswerCounts): PrepareRounds =>
  async (world) => {
    const folder = await mkdtemp(join(tmpdir(), "warm-up-"))
    world.resources.own(folder, { close: () => rm(folder, { recursive: true }) })
    const socketPath = join(folder, "gateway")
    // The functions stay open when this server closes.
    const server = createGateway({ functions: withoutRuntimes(functions) })
    await server.listen(socketPath)
    world.resources.own(server, { close: () => server.close() })
    const agent = new Agent({ keepAlive: true, maxSockets: connections })
    world.resources.own(agent, { close: () => agent.destroy() })
    return prepareShopperCalls(world, new Set(functions.keys()), sendOver(socketPath, agent), counts)
  }

const withoutRuntimes = (functions: ApiFunctions): ApiFunctions =>
  new Map([...functions].map(([name, { handler }]) => [name, { handler }]))

const sendOver =
  (socketPath: string, agent: Agent): Send =>
  (call) =>
    new Promise<ApiAnswer>((resolve, reject) => {
      const { method, path, search } = targetOf(call)
      const text = call.body && JSON.stringify(call.body)
      const headers = {
        host: "warm-up",
        ...(text && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...call.headers,
      }
      const sent = request({ socketPath, agent, method, path: search === "" ? path : `${path}?${search}`, headers }, (response) =>
        buffer(response).then((body) => resolve({ status: response.statusCode ?? 0, body: body.toString() }), reject),
      )
      sent.on("error", reject).end(text)
    })
