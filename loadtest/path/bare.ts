import { fork } from "node:child_process"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { plainEnvironment } from "../../local/services/part.ts"
import { cpuWithEndedOf } from "../measure/cpu.ts"
import type { GeneratorProcess } from "./generator-process.ts"
import type { Job } from "./jobs.ts"
import { rounded } from "./stages.ts"

/**
 * Measures a server that does nothing but HTTP, with the same generator and the same requests: the lower bound of what a gateway
 * on node:http can cost on this machine.
 *
 * @returns microseconds of processor time for each request @throws Error when a request gets another answer
 */
export async function measureBareServer(job: Job<"visit">, generator: GeneratorProcess): Promise<number> {
  const server = fork(fileURLToPath(new URL("bare-server.ts", import.meta.url)), { env: plainEnvironment() })
  try {
    const [{ port }] = (await once(server, "message")) as [AddressInfo]
    const measured = async (): Promise<number> => {
      const before = cpuWithEndedOf([server.pid ?? 0])
      const { good, sent, others } = await generator.run({ ...job, port })
      if (good !== sent) throw new Error(`Of ${sent} requests ${good} were answered as meant: ${JSON.stringify(others)}`)
      return rounded((cpuWithEndedOf([server.pid ?? 0]) - before) / good)
    }
    // The first run compiles the code.
    await measured()
    return await measured()
  } finally {
    server.kill()
  }
}
