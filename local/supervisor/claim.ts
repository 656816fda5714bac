import { rmSync, writeFileSync } from "node:fs"
import { identityOf } from "../services/process-identity.ts"
import { isAlive, type RunRecord, readRecords, recordFile } from "../services/run-record.ts"
import type { StateFolder } from "../services/state-folder.ts"
import { Refusal } from "./say.ts"

export const supervisorName = "supervisor"

/** The supervisor that runs the system of this folder now, if there is one. Its port is the gateway's. */
export const runningSupervisor = (folder: StateFolder): RunRecord | undefined =>
  readRecords(folder).find((record) => record.part === supervisorName && isAlive(record))

/** Makes this process the supervisor of the folder. @throws Refusal when there is one already */
export function claim(folder: StateFolder, httpPort: number): void {
  const running = runningSupervisor(folder)
  if (running) {
    throw new Refusal(
      `The system of this folder already runs at http://127.0.0.1:${running.port} (process ${running.pid}). \`npm stop\` stops it, \`npm run status\` lists its parts.`,
    )
  }
  release(folder)
  const record: RunRecord = {
    part: supervisorName,
    pid: process.pid,
    identity: identityOf(process.pid) ?? "",
    stateDir: folder.dir,
    state: "ready",
    port: httpPort,
    startedAtMs: Date.now(),
    restarts: 0,
    stopSignal: "SIGTERM",
  }
  try {
    // When two processes start at the same moment, one of them fails here.
    writeFileSync(recordFile(folder, supervisorName), JSON.stringify(record), { flag: "wx" })
  } catch (error) {
    throw new Refusal("Another `npm start` has just started in this folder. Wait for it, or stop it with `npm stop`.", {
      cause: error,
    })
  }
}

export const release = (folder: StateFolder): void => rmSync(recordFile(folder, supervisorName), { force: true })
