import * as z from "zod"
import type { AlarmSource } from "./alarm-source.ts"

const Listed = z.object({
  alarms: z.array(
    z.object({
      alarm: z.string(),
      priority: z.enum(["P0", "P1", "P2"]),
      state: z.enum(["ok", "alarm", "cannot tell"]),
      since: z.string().optional(),
      value: z.number().optional(),
      threshold: z.string(),
      runbook: z.string(),
    }),
  ),
})
const Changes = z.object({
  changes: z.array(z.object({ at: z.string(), alarm: z.string(), state: z.string(), reason: z.string() })),
})
const Drill = z.object({ drill: z.string(), pages: z.array(z.looseObject({ service: z.string() })) })

/** The alarms of the local system, as its part `alarms` evaluates them. @throws Error when no system runs */
export function alarmsHere(url: string | undefined): AlarmSource {
  if (url === undefined) throw new Error("No system is running here. Start one (npm start), or name a deployed stage (--stage).")
  async function ask(path: string, body?: object, withinMs = 10_000): Promise<unknown> {
    const response = await fetch(new URL(path, url), {
      signal: AbortSignal.timeout(withinMs),
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`The part "alarms" answered ${response.status}: ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    list: async () =>
      Listed.parse(await ask("/alarms")).alarms.map(({ since, value, ...alarm }) => ({
        ...alarm,
        ...(since !== undefined && { since }),
        ...(value !== undefined && { value }),
      })),
    history: async () => Changes.parse(await ask("/alarms/history")).changes,
    async test(priority, withinMs) {
      const { drill, pages } = Drill.parse(await ask("/alarms/drill", { priority }, withinMs))
      const accepted = pages.at(0)?.service
      return { priority, drill, hasPager: true, mails: [], ...(accepted !== undefined && { accepted }) }
    },
  }
}
