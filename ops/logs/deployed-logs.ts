import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs"
import { deployedFunctionName, logGroupOf } from "../../core/contracts/ops.ts"
import { functionNames } from "../../lib/config.ts"
import { stageNamed } from "../../lib/stages.ts"
import { type LogFilter, type LogLine, logLine } from "./log-line.ts"

/**
 * The lines that a function of a stage has written, from its log group, in order of time.
 *
 * @param filter CloudWatch filters by time and text; it finds whole words and parts of them in quotation marks
 * @throws Error that names the functions, for another name; the errors of AWS
 */
export async function* deployedLogs(stageName: string, name: string, filter: LogFilter): AsyncGenerator<LogLine> {
  if (!functionNames.some((known) => known === name)) {
    throw new Error(`A stage has no function ${name}. Functions: ${functionNames.join(", ")}.`)
  }
  const stage = stageNamed(stageName)
  const client = new CloudWatchLogsClient({ region: stage.region })
  const pages = paginateFilterLogEvents(
    { client },
    {
      logGroupName: logGroupOf(deployedFunctionName(stage.name, name)),
      startTime: filter.sinceMs,
      ...(filter.find !== undefined && { filterPattern: JSON.stringify(filter.find) }),
    },
  )
  for await (const { events = [] } of pages) {
    for (const { message = "", timestamp } of events) {
      const line = logLine(message.trimEnd())
      yield { ...line, ...(line.atMs === undefined && timestamp !== undefined && { atMs: timestamp }) }
    }
  }
}
