import { App } from "aws-cdk-lib"
import { expect, test } from "vitest"
import { FlashSale } from "../../lib/flash-sale.ts"
import { prodWith, setting } from "./edited-stage.ts"

test("a stage that fails a guardrail does not synthesise, and the error says why", () => {
  const broken = prodWith(setting("capacity.recordBytes", 220))
  expect(() => new FlashSale(new App(), broken)).toThrow("5.5 MB/s on one partition")
})
