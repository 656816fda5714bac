import type { CfnWebACL } from "aws-cdk-lib/aws-wafv2"

/** What a rule may look at in these tests. */
export interface Seen {
  readonly method: string
  /** As the client wrote it. */
  readonly path: string
}

type Statement = CfnWebACL.StatementProperty
type Transformations = readonly { readonly priority: number; readonly type: string }[]

/**
 * Whether a statement of the firewall applies to a request, by AWS's description of its parts. Labels, cookies and groups of AWS
 * are not modelled: they count as given, so that a rule is judged by its methods and paths.
 */
export function applies(statement: Statement, seen: Seen): boolean {
  const { andStatement, orStatement, notStatement, byteMatchStatement, regexMatchStatement } = statement
  if (andStatement) return list(andStatement).every((part) => applies(part, seen))
  if (orStatement) return list(orStatement).some((part) => applies(part, seen))
  if (notStatement) {
    const inner = (notStatement as CfnWebACL.NotStatementProperty).statement as Statement
    return isModelled(inner) ? !applies(inner, seen) : true
  }
  if (byteMatchStatement) return bytesMatch(byteMatchStatement as CfnWebACL.ByteMatchStatementProperty, seen)
  if (regexMatchStatement) {
    const { regexString, fieldToMatch, textTransformations } = regexMatchStatement as CfnWebACL.RegexMatchStatementProperty
    return new RegExp(regexString).test(transformed(fieldOf(fieldToMatch, seen) ?? "", textTransformations as Transformations))
  }
  const scope = scopeDownOf(statement)
  return scope === undefined || applies(scope, seen)
}

const list = (statement: object): Statement[] => (statement as { statements: Statement[] }).statements

const scopeDownOf = ({ rateBasedStatement, managedRuleGroupStatement }: Statement): Statement | undefined =>
  ((rateBasedStatement ?? managedRuleGroupStatement) as { scopeDownStatement?: Statement } | undefined)?.scopeDownStatement

/** False for a statement about a header, whose negation must not turn "not modelled" into "does not apply". */
const isModelled = ({ byteMatchStatement }: Statement): boolean => {
  const field = (byteMatchStatement as CfnWebACL.ByteMatchStatementProperty | undefined)?.fieldToMatch
  return field === undefined || "uriPath" in field || "method" in field
}

function bytesMatch(
  { searchString = "", fieldToMatch, positionalConstraint, textTransformations }: CfnWebACL.ByteMatchStatementProperty,
  seen: Seen,
): boolean {
  const field = fieldOf(fieldToMatch, seen)
  if (field === undefined) return true
  const text = transformed(field, textTransformations as Transformations)
  return positionalConstraint === "STARTS_WITH" ? text.startsWith(searchString) : text === searchString
}

function fieldOf(field: unknown, { method, path }: Seen): string | undefined {
  if (typeof field !== "object" || field === null) return undefined
  if ("uriPath" in field) return path
  return "method" in field ? method : undefined
}

const transformed = (text: string, transformations: Transformations): string =>
  transformations
    .toSorted((a, b) => a.priority - b.priority)
    .reduce((given, { type }) => {
      if (type === "NONE") return given
      if (type === "URL_DECODE")
        return given.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
      if (type === "NORMALIZE_PATH") return withoutDots(given)
      throw new Error(`The model of the firewall lacks the transformation ${type}`)
    }, text)

/** Removes empty segments, self-references, and back-references that are not at the beginning. */
export function withoutDots(path: string): string {
  const kept: string[] = []
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue
    if (segment === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop()
    else kept.push(segment)
  }
  return `/${kept.join("/")}${path.endsWith("/") && kept.length > 0 ? "/" : ""}`
}

const groupCapacity: ReadonlyMap<string, number> = new Map([
  ["AWSManagedRulesAmazonIpReputationList", 25],
  ["AWSManagedRulesBotControlRuleSet", 50],
])

/** Capacity units of a statement (AWS's guide, "Rule statements list"); groups of AWS count with their published capacity. */
export function capacityOf(statement: Statement): number {
  const { andStatement, orStatement, notStatement, byteMatchStatement, regexMatchStatement, rateBasedStatement } = statement
  if (andStatement ?? orStatement)
    return list((andStatement ?? orStatement) as object).reduce((sum, part) => sum + capacityOf(part), 1)
  if (notStatement) return 1 + capacityOf((notStatement as CfnWebACL.NotStatementProperty).statement as Statement)
  const scope = scopeDownOf(statement)
  const scoped = scope === undefined ? 0 : capacityOf(scope)
  if (rateBasedStatement) {
    const keys = (rateBasedStatement as CfnWebACL.RateBasedStatementProperty).customKeys
    return 2 + scoped + (Array.isArray(keys) ? 30 * keys.length : 0)
  }
  if (byteMatchStatement) {
    const { positionalConstraint, ...match } = byteMatchStatement as CfnWebACL.ByteMatchStatementProperty
    const base = positionalConstraint === "CONTAINS" ? 10 : 2
    const all = JSON.stringify(match.fieldToMatch).includes('"all"') ? 2 : 1
    return base * all + 10 * changesOf(match.textTransformations)
  }
  if (regexMatchStatement)
    return 3 + 10 * changesOf((regexMatchStatement as CfnWebACL.RegexMatchStatementProperty).textTransformations)
  if (statement.labelMatchStatement) return 1
  const { name } = statement.managedRuleGroupStatement as CfnWebACL.ManagedRuleGroupStatementProperty
  const group = groupCapacity.get(name)
  if (group === undefined) throw new Error(`The capacity of ${name} is not known here`)
  return group + scoped
}

const changesOf = (transformations: unknown): number =>
  (transformations as Transformations).filter(({ type }) => type !== "NONE").length
