import { expect, test } from "vitest"
import { testHeaderPrefix } from "../../local/gateway/edge-headers.ts"
import { stageConfigs, wholeSale } from "./whole-sale.ts"

/**
 * What each stage consists of, stack by stack. A change here is a change of what runs and of what it costs: look at it, then accept it
 * with `npm test -- --project infra -u`.
 */
test.each(stageConfigs)("stage $name consists of the resources that were reviewed", async (config) => {
  const counts = new Map<string, number>()
  for (const { stack, Type } of wholeSale(config).resources) {
    const line = `${stack.replace(/[0-9A-F]{8}$/, "").slice(config.name.length)} ${Type}`
    counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  const lines = [...counts].map(([line, count]) => `${line} x${count}`).toSorted()
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`resources/${config.name}.txt`)
})

test.each(stageConfigs)("nothing in stage $name listens to what a load test says of its clients", (config) => {
  const deployed = JSON.stringify([...wholeSale(config).templates.values()])
  expect(deployed).not.toContain(testHeaderPrefix)
  expect(deployed).not.toContain("LOCAL_TEST_HEADERS")
})
