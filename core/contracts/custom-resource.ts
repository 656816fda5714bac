import * as z from "zod"

/** The event that the CDK's Provider framework passes to `onEvent`. Properties arrive as text. */
export const CustomResourceEvent = z.object({
  RequestType: z.enum(["Create", "Update", "Delete"]),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.record(z.string(), z.unknown()),
})
export type CustomResourceEvent = z.output<typeof CustomResourceEvent>

/**
 * The answer of `onEvent`; the template reads `Data` with `getAtt`. A changed id means another resource: CloudFormation then
 * deletes the old one.
 */
export interface CustomResourceAnswer {
  readonly PhysicalResourceId: string
  readonly Data?: Readonly<Record<string, string>>
}
