import { type JSONVisitor, visit } from "jsonc-parser"
import { type ProblemError, problem } from "../../contracts/problems.ts"

/** Objects and arrays within each other; the deepest body this API knows has three. */
export const maxJsonDepth = 5

/**
 * Parses JSON that means one thing only: no duplicate keys, nothing deeper than `maxJsonDepth`, no byte order mark, no comments.
 * @throws ProblemError malformed-json
 */
export function parseStrictJson(text: string): unknown {
  const value = parse(text)
  visit(text, strictVisitor(), { disallowComments: true })
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed("The body is not JSON.")
  }
}

/** Looks for what JSON.parse lets through. It leaves at the first fault, so that no depth of nesting exhausts the stack. */
function strictVisitor(): JSONVisitor {
  const keysOfOpenObjects: Set<string>[] = []
  let depth = 0
  const enter = () => {
    depth += 1
    if (depth > maxJsonDepth) throw malformed(`The body is nested deeper than ${maxJsonDepth} levels.`)
  }
  const leave = () => {
    depth -= 1
  }
  return {
    onObjectBegin: () => {
      enter()
      keysOfOpenObjects.push(new Set())
    },
    onObjectProperty: (name) => {
      const keys = keysOfOpenObjects.at(-1)
      if (keys?.has(name)) throw malformed("A name occurs twice in an object of the body.")
      keys?.add(name)
    },
    onObjectEnd: () => {
      leave()
      keysOfOpenObjects.pop()
    },
    onArrayBegin: enter,
    onArrayEnd: leave,
    onError: () => {
      throw malformed("The body is not JSON.")
    },
  }
}

const malformed = (detail: string): ProblemError => problem("malformed-json", { detail })
