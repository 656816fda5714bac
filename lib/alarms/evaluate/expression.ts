/** An expression of CloudWatch's metric math, read into a tree. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "call"; readonly function: string; readonly args: readonly Expression[] }
  | { readonly kind: "negative"; readonly operand: Expression }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }

export type Operator = "+" | "-" | "*" | "/" | "^" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "AND" | "OR"

/** From the loosest to the tightest. */
const levels: readonly (readonly string[])[] = [
  ["OR", "||"],
  ["AND", "&&"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/"],
  ["^"],
]
const spelled: Readonly<Record<string, Operator>> = { "||": "OR", "&&": "AND" }

const token = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[-+*/^<>(),[\]]))/y

/** @throws Error that shows the expression and what cannot be read */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text)
  let next = 0
  const fail = (expected: string): never => {
    throw new Error(`Metric math "${text}": expected ${expected} before "${tokens[next] ?? "the end"}"`)
  }
  const take = (wanted: string): void => {
    if (tokens[next] !== wanted) fail(`"${wanted}"`)
    next += 1
  }

  function binary(level: number): Expression {
    const operators = levels[level]
    if (operators === undefined) return unary()
    let left = binary(level + 1)
    for (let symbol = tokens[next]; symbol !== undefined && operators.includes(symbol); symbol = tokens[next]) {
      next += 1
      left = { kind: "binary", operator: spelled[symbol] ?? (symbol as Operator), left, right: binary(level + 1) }
    }
    return left
  }

  function unary(): Expression {
    if (tokens[next] !== "-") return operand()
    next += 1
    return { kind: "negative", operand: unary() }
  }

  function listUntil(end: string): Expression[] {
    const items: Expression[] = []
    while (tokens[next] !== end) {
      if (items.length > 0) take(",")
      items.push(binary(0))
    }
    take(end)
    return items
  }

  function operand(): Expression {
    const symbol = tokens[next] ?? fail("a value")
    next += 1
    if (symbol === "[") return { kind: "list", items: listUntil("]") }
    if (symbol === "(") {
      const inner = binary(0)
      take(")")
      return inner
    }
    if (/^\d/.test(symbol)) return { kind: "number", value: Number(symbol) }
    if (!/^[A-Za-z_]/.test(symbol)) return fail("a value")
    if (tokens[next] !== "(") return { kind: "name", name: symbol }
    next += 1
    return { kind: "call", function: symbol, args: listUntil(")") }
  }

  const expression = binary(0)
  if (next < tokens.length) fail("the end")
  return expression
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex
    const [found] = token.exec(text) ?? []
    if (found === undefined) throw new Error(`Metric math "${text}": cannot read "${text.slice(at)}"`)
    tokens.push(found.trim())
  }
  return tokens
}
