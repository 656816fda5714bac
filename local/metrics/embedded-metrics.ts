import { z } from "zod"
import { jsonOf } from "../../core/contracts/json.ts"

/** One metric of one log entry: its values, with the labels of its dimensions. */
export interface Measurement {
  readonly name: string
  readonly unit: string
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly number[]
}

const Envelope = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().default("None") })),
      }),
    ),
  }),
})

const Values = z.union([z.number().transform((value) => [value]), z.array(z.number())])

/** CloudWatch calls the name of the function `service`. On the page of all parts the label is `function`. */
const labelOf = (dimension: string) => (dimension === "service" ? "function" : dimension)

/** The measurements of a log entry in CloudWatch's embedded metric format; undefined if the entry is something else. */
export function parseEmbeddedMetrics(line: string): Measurement[] | undefined {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return undefined
  const envelope = Envelope.safeParse(jsonOf(line))
  if (!envelope.success) return undefined
  const members: Record<string, unknown> = envelope.data
  return envelope.data._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => {
    const labels = Object.fromEntries((Dimensions[0] ?? []).map((dimension) => [labelOf(dimension), String(members[dimension])]))
    return Metrics.flatMap(({ Name, Unit }) => {
      const values = Values.safeParse(members[Name])
      return values.success ? [{ name: Name, unit: Unit, labels, values: values.data }] : []
    })
  })
}
