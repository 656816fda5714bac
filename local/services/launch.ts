import { spawn } from "node:child_process"
import { closeSync, openSync, renameSync, statSync } from "node:fs"
import { setPriority } from "node:os"
import { setTimeout as delay } from "node:timers/promises"
import { lastLines, textSince } from "./log-file.ts"
import type { Part } from "./part.ts"
import { identityOf } from "./process-identity.ts"
import { end, removeRecord, signal, writeRecord } from "./run-record.ts"
import type { StateFolder } from "./state-folder.ts"

const healthPollMs = 50
/** A part that does not serve after this time has failed. Kafka on a busy machine is the slowest. */
export const startTimeoutMs = 60_000
/** A part that has not ended after this time is killed. The gateway waits up to 15 s for its requests. */
export const stopGraceMs = 20_000
const maxLogBytes = 20 * 1_024 * 1_024

/** A part ended while it started, or it does not serve. The message contains the end of its log. */
export class PartFailed extends Error {
  override readonly name = "PartFailed"
}

/** A part that was started. */
export interface RunningPart {
  readonly pid: number
  /** Resolves when it has ended, with the way it ended: "exit 1" or the name of a signal. */
  readonly ended: Promise<string>
  /** Resolves when it serves. @throws PartFailed */
  ready(): Promise<void>
  /** Resolves when it and its children have ended. */
  stop(): Promise<void>
  /** All output since it was started. */
  printed(): string
}

/**
 * Starts a part in its own process group, so that Ctrl-C reaches only the supervisor, which ends the parts in order. The output
 * goes to a log file and not through a pipe, because the part may outlive a supervisor that was killed.
 */
export function launch(part: Part, folder: StateFolder, restarts = 0): RunningPart {
  const { name, port, stopSignal, niceness = 0 } = part
  const logFile = folder.logFile(name)
  const offset = beginLog(logFile)
  const log = openSync(logFile, "a")
  const { file, args, env } = (restarts > 0 && part.restartCommand) || part.command
  const child = spawn(file, args, { cwd: folder.dir, env, detached: true, stdio: ["ignore", log, log] })
  closeSync(log)
  const pid = child.pid ?? 0
  if (pid > 0 && niceness > 0) setPriority(pid, niceness)
  const process = { pid, identity: identityOf(pid) ?? "", stopSignal }
  const startedAtMs = Date.now()
  const note = (state: "starting" | "ready") =>
    writeRecord(folder, { part: name, ...process, state, port, startedAtMs, restarts })
  if (pid > 0) note("starting")

  let outcome: string | undefined
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message))
    child.once("exit", (code, signalName) => resolve(signalName ?? `exit ${code}`))
  }).then((how) => {
    outcome = how
    removeRecord(folder, name)
    return how
  })

  const printed = () => textSince(logFile, offset)
  const failed = (how: string) => new PartFailed(`${name} ${how}; its last lines (${logFile}):\n${lastLines(printed())}`)
  return {
    pid,
    ended,
    printed,
    async ready() {
      const deadlineMs = startedAtMs + startTimeoutMs
      while (!(await part.isHealthy(printed()))) {
        if (outcome !== undefined) throw failed(`ended at its start (${outcome})`)
        if (Date.now() > deadlineMs) throw failed(`does not serve after ${startTimeoutMs} ms`)
        await delay(healthPollMs)
      }
      if (outcome === undefined) note("ready")
    },
    async stop() {
      if (outcome !== undefined) return
      await end(process, stopGraceMs)
      // Kills the processes that the part may have left in its group.
      signal(-pid, "SIGKILL")
      await ended
    },
  }
}

/** @returns the offset at which the output of this start begins */
function beginLog(logFile: string): number {
  const bytes = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (bytes < maxLogBytes) return bytes
  renameSync(logFile, `${logFile}.old`)
  return 0
}
