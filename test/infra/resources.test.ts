import { expect, test } from "vitest"
import { testHeaderPrefix } from "../../local/gateway/edge-headers.ts"
import { stageConfigs, wholeSale } from "./whole-sale.ts"

/**
 * The resources of each stage, by stack. A difference changes what runs and what it costs: review it, then accept it with
 * `npm test -- --project infra -u`.
 */
test.each(stageConfigs)("stage $name has the reviewed resources", async (config) => {
  const counts = new Map<string, number>()
  for (const { stack, Type } of wholeSale(config).resources) {
    const line = `${stack.replace(/[0-9A-F]{8}$/, "").slice(config.name.length)} ${Type}`
    counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  const lines = [...counts].map(([line, count]) => `${line} x${count}`).toSorted()
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`resources/${config.name}.txt`)
})

test.each(stageConfigs)("nothing in stage $name reads the headers of load tests", (config) => {
  const deployed = JSON.stringify([...wholeSale(config).templates.values()])
  expect(deployed).not.toContain(testHeaderPrefix)
  expect(deployed).not.toContain("LOCAL_TEST_HEADERS")
})
