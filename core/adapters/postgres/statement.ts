import type { QueryConfig } from "pg"
import adminSkuColumns from "./statements/fragments/admin-sku-columns.sql"
import checkoutFacts from "./statements/fragments/checkout-facts.sql"
import orderColumns from "./statements/fragments/order-columns.sql"
import productColumns from "./statements/fragments/product-columns.sql"
import refundColumns from "./statements/fragments/refund-columns.sql"
import reservationColumns from "./statements/fragments/reservation-columns.sql"
import saleColumns from "./statements/fragments/sale-columns.sql"
import stageLimits from "./statements/fragments/stage-limits.sql"

/** How each parameter of a statement is sent, by its name: takes the value, returns what the driver sends. */
export type ParameterTypes = Readonly<Record<string, (value: never) => unknown>>

/** The values of a statement's parameters, by name. */
export type ParameterValues<T extends ParameterTypes> = { readonly [Name in keyof T]: Parameters<T[Name]>[0] }

/** A statement with its parameters named: takes their values, returns what the driver sends. */
export type Statement<T extends ParameterTypes> = (values: ParameterValues<T>) => QueryConfig

/** Texts that several statements share, by the name that stands for them: `{{sale-columns}}`. */
const fragments: Readonly<Record<string, string>> = {
  "admin-sku-columns": adminSkuColumns,
  "checkout-facts": checkoutFacts,
  "order-columns": orderColumns,
  "product-columns": productColumns,
  "refund-columns": refundColumns,
  "reservation-columns": reservationColumns,
  "sale-columns": saleColumns,
  "stage-limits": stageLimits,
}

/**
 * Makes a statement of a text whose parameters have names: `$sku_no`. PostgreSQL gets numbers, in the order in which the names
 * appear.
 *
 * @param types the type of each parameter of the text
 * @param name prepares the statement under this name, so that a connection plans it once; without a name PostgreSQL plans it each
 * time
 * @throws Error when the names in the text and in `types` are not the same
 */
export function statement<T extends ParameterTypes>(text: string, types: T, name?: string): Statement<T> {
  const { numbered, names } = numberedText(text)
  const unknown = names.filter((parameter) => types[parameter] === undefined)
  const unused = Object.keys(types).filter((parameter) => !names.includes(parameter))
  if (unknown.length + unused.length > 0) {
    const [title] = text.split("\n")
    throw new Error(
      `The statement "${title}" has parameters without a type: [${unknown}], and types without a parameter: [${unused}]`,
    )
  }
  const encoders = names.map((parameter) => [parameter, types[parameter] as (value: unknown) => unknown] as const)
  const config = name === undefined ? { text: numbered } : { name, text: numbered }
  return (values) => ({ ...config, values: encoders.map(([parameter, encode]) => encode(values[parameter])) })
}

/** The text as PostgreSQL gets it, and the names of its parameters in their order. Comment lines name no parameters. */
export function numberedText(text: string): { numbered: string; names: string[] } {
  const names: string[] = []
  const numberOf = (_: string, name: string) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  }
  const lines = withFragments(text).split("\n")
  const numbered = lines.map((line) => (line.startsWith("--") ? line : line.replace(/\$([a-z]\w*)/g, numberOf)))
  return { numbered: numbered.join("\n"), names }
}

const withFragments = (text: string): string =>
  text.replace(/\{\{([a-z-]+)\}\}/g, (_, name: string) => {
    const fragment = fragments[name]
    if (fragment === undefined) throw new Error(`There is no fragment ${name} for statements`)
    return fragment.replace(/^--.*\n/gm, "").trimEnd()
  })
