import { expect, test } from "vitest"
import { pickPort } from "../../../local/services/ports.ts"

test("systems that choose ports before any of their parts listens never choose the same", async () => {
  const ports = new Set<number>()
  // Without claims about seven of 400 were chosen before.
  for (let n = 0; n < 400; n += 1) ports.add(await pickPort(new Set()))
  expect(ports.size).toBe(400)
})
