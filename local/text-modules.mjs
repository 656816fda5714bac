// Lets Node import .sql and .lua files as strings, as the Lambda bundler and vitest do.
import { readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"

registerHooks({
  load(url, context, next) {
    if (!/\.(sql|lua)$/.test(url)) return next(url, context)
    const text = readFileSync(fileURLToPath(url), "utf8")
    return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(text)}` }
  },
})
