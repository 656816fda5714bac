import * as z from "zod"

/** What the CDK's Provider framework hands to `onEvent`. Properties arrive as text. */
export const CustomResourceEvent = z.object({
  RequestType: z.enum(["Create", "Update", "Delete"]),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.record(z.string(), z.unknown()),
})
export type CustomResourceEvent = z.output<typeof CustomResourceEvent>

/**
 * What `onEvent` answers; `Data` is what the template reads with `getAtt`. A changed id means another resource, and the old one's
 * deletion.
 */
export interface CustomResourceAnswer {
  readonly PhysicalResourceId: string
  readonly Data?: Readonly<Record<string, string>>
}
