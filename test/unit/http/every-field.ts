import * as z from "zod"
import { operations } from "../../../core/contracts/http/operations.ts"
import { OpsRequest } from "../../../core/contracts/ops.ts"
import { TokenBody } from "../../../local/identity/token-route.ts"

/** A request of a client, one of whose fields a test makes wrong. */
export interface FieldCase {
  /** The request: an operation and its part, an operator's command, the local token. */
  readonly where: string
  readonly schema: z.ZodType
  readonly path: readonly (string | number)[]
  readonly field: z.ZodType
  readonly isRequired: boolean
  /** A request with `value` in the field, and with the value that names its form; undefined leaves the field out. */
  readonly holding: (value: unknown) => unknown
}

/** A schema without its optional wrapper. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.unwrap() as z.ZodType)
  return schema
}

function fieldsOf(where: string, schema: z.ZodType): FieldCase[] {
  return formsOf(schema).flatMap((form) => casesOf(where, schema, form, [], (body) => body))
}

const formsOf = (schema: z.ZodType): z.ZodObject[] => {
  if (schema instanceof z.ZodObject) return [schema]
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options as z.ZodObject[]
  throw new Error("A schema of a body is an object, or one of several")
}

/** The first value that distinguishes a form of a body from the others. */
const nameOf = (field: z.ZodType): unknown =>
  field instanceof z.ZodLiteral ? field.value : field instanceof z.ZodEnum ? field.options[0] : undefined

function casesOf(
  where: string,
  schema: z.ZodType,
  form: z.ZodObject,
  path: readonly (string | number)[],
  within: (inner: object) => unknown,
): FieldCase[] {
  const fields = Object.entries(form.shape) as [string, z.ZodType][]
  const named = Object.fromEntries(
    schema instanceof z.ZodDiscriminatedUnion
      ? fields.filter(([name]) => name === schema.def.discriminator).map(([name, field]) => [name, nameOf(field)])
      : [],
  )
  return fields.flatMap(([name, field]) => {
    const inner = unwrapped(field)
    const holding = (value: unknown) => {
      const { [name]: _, ...others } = named
      return within({ ...others, ...(value !== undefined && { [name]: value }) })
    }
    const here = { where, schema, path: [...path, name], field: inner, isRequired: !field.safeParse(undefined).success, holding }
    if (inner instanceof z.ZodObject) return [here, ...casesOf(where, schema, inner, here.path, (object) => holding(object))]
    if (inner instanceof z.ZodArray && inner.element instanceof z.ZodObject) {
      return [here, ...casesOf(where, schema, inner.element, [...here.path, 0], (object) => holding([object]))]
    }
    return [here]
  })
}

/** Every field of every body and query of the API, of the operators' commands and of the local token. */
export const everyField: readonly FieldCase[] = [
  ...Object.entries(operations).flatMap(([route, { body, query, signed }]) => [
    ...(body && !signed ? fieldsOf(`${route} body`, body) : []),
    ...(query ? fieldsOf(`${route} query`, query) : []),
  ]),
  ...fieldsOf("operator", OpsRequest),
  ...fieldsOf("POST /local/token body", TokenBody),
]
