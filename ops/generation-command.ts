import type { Command } from "commander"
import type { Generations } from "../core/contracts/operations/generations.ts"
import { type CommandContext, failed, withExamples } from "./command-context.ts"
import { textTable } from "./text-table.ts"

interface MoveOptions {
  readonly dryRun: boolean
  readonly lost: boolean
}

/** Adds `generation show` and `generation move`. */
export function addGenerationCommands(program: Command, { ask, asJson, options }: CommandContext): void {
  const generation = program
    .command("generation")
    .description("show the generations of the topic of requests, or move to the next one")
  withExamples(generation.command("show"), "generation show")
    .description(
      "show each generation: its topic, the requests that wait in it, and who ended it; and the sales that put requests into the queue",
    )
    .action(async () => {
      const answered = await ask()({ command: "generations" })
      console.log(asJson() ? JSON.stringify(answered) : generationsText(answered))
    })
  withExamples(generation.command("move"), "generation move --dry-run", "generation move", "generation move --lost --dry-run")
    .description(
      "end the generation in force and begin the next one. Every sale must be halted or in direct mode, and the queue decided to its end. The local system begins the next generation at once; a stage does with the next deployment, which the command names. A repeated command goes on where the last one ended",
    )
    .option("--dry-run", "change nothing; say what would be done, and what stands in the way (exit code 1)", false)
    .option(
      "--lost",
      "the topic cannot be read to its end: the requests that the writer has not read are lost, and their shoppers have to reserve again",
      false,
    )
    .action(async ({ dryRun, lost }: MoveOptions) => {
      const before = await ask()({ command: "generations" })
      const inTheWay = obstacles(before, lost)
      if (dryRun) {
        if (inTheWay.length > 0) process.exitCode = failed
        return say(before, [planText(before, lost), ...inTheWay])
      }
      const ended = await ask()({ command: "generation-end", lost })
      const next = ended.in_force + 1
      const { stage } = options()
      if (stage !== undefined) return say(ended, [nextOnStage(stage, next)])
      const [{ useGeneration }, { StateFolder }] = await Promise.all([
        import("../local/supervisor/control-client.ts"),
        import("../local/services/state-folder.ts"),
      ])
      await useGeneration(new StateFolder(process.env.LOCAL_STATE_DIR), next)
      say({ ...ended, in_force: next }, [
        `the requests are at generation ${next}; resume the sales: npm run ops -- sale resume <sku>`,
      ])
    })

  function say(generations: Generations, lines: readonly string[]): void {
    console.log(asJson() ? JSON.stringify(generations) : lines.join("\n"))
  }
}

const inForceOf = ({ in_force: inForce, generations }: Generations) =>
  generations.find(({ generation }) => generation === inForce)

/** What keeps the generation in force from ending. */
function obstacles(now: Generations, lost: boolean): string[] {
  const current = inForceOf(now)
  if (current?.ended) return []
  const { accepting } = now
  const waiting = current?.waiting ?? null
  const unread =
    waiting === null
      ? "in the way: the brokers do not tell how many requests wait (--lost, if the topic is lost for good)"
      : `in the way: ${waiting} requests wait`
  return [
    ...accepting.map((sku) => `in the way: ${sku} puts requests into the queue. Halt it: npm run ops -- sale halt ${sku}`),
    ...(lost || waiting === 0 ? [] : [unread]),
  ]
}

function planText(now: Generations, lost: boolean): string {
  const current = inForceOf(now)
  const how = lost
    ? `lost from its watermarks on (${current?.waiting ?? "an unknown number of"} requests)`
    : "when it is decided to its end"
  const first = current?.ended
    ? `generation ${now.in_force} has ended`
    : `would end generation ${now.in_force} (${current?.topic ?? "no topic"}), ${how}`
  return `${first}; would begin generation ${now.in_force + 1}`
}

const nextOnStage = (stage: string, next: number): string =>
  [
    `generation ${next - 1} has ended. Nothing is accepted until the next one is deployed:`,
    `1. set requestsGeneration to ${next} in lib/stages/${stage}.ts and commit it`,
    `2. npx cdk deploy "${stage}/**" --concurrency 3`,
    `3. npm run ops -- --stage ${stage} generation show, then sale resume <sku>`,
  ].join("\n")

function generationsText({ in_force: inForce, generations, accepting }: Generations): string {
  const rows = generations.map(({ generation, topic, waiting, ended }) => [
    ...[generation, topic, generation === inForce ? "in force" : "", waiting ?? "?"],
    ended ? `${ended.lost ? "lost" : "drained"} at ${ended.at} by ${ended.by}` : "not ended",
  ])
  return [
    textTable([["generation", "topic", "", "waiting", "end"], ...rows], 3),
    accepting.length === 0
      ? "no sale puts requests into the queue"
      : `sales that put requests into the queue: ${accepting.join(", ")}`,
  ].join("\n")
}
