/**
 * The tests of the shop's page: a real browser (Debian's Chromium) and the whole local system, as `npm start` runs it. The first
 * file starts the system and every file uses it; it ends with the run. The project runs after the others (vitest.config.ts), so
 * that neither takes the processor from the other.
 *
 * - system.ts: the system, started once, and its parts, which a test may kill or stop
 * - shop.ts: sales of a test, steered through the API, and other shoppers, who use the API without a browser
 * - shopper.ts: a shopper with a browser; each has a context, as on a device of their own
 * - given-shop.ts: what every file begins with, and what every test ends with
 *
 * Screenshots are in .local/test/screenshots.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { chromium } from "playwright-core"
import type { TestProject } from "vitest/node"
import { pickPort } from "../../local/services/ports.ts"
import { defaultStateDir } from "../../local/services/state-folder.ts"
import { serverTools } from "../../local/services/tools.ts"
import { type SystemAddress, stopStartedSystem } from "./system.ts"

export interface BrowserRun extends SystemAddress {
  /** Where the one browser of the run listens. */
  readonly browserUrl: string
  readonly screenshots: string
}

declare module "vitest" {
  interface ProvidedContext {
    browserRun: BrowserRun
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { chromium: executablePath } = serverTools()
  if (executablePath === undefined) throw new Error("Chromium is not set up yet. Run `npm run setup` once.")
  const tests = join(defaultStateDir, "test")
  const screenshots = join(tests, "screenshots")
  mkdirSync(screenshots, { recursive: true })
  const stateDir = mkdtempSync(join(tests, "browser-"))
  // As root, as in a container, Chromium starts without its sandbox only. It opens pages of this machine alone.
  const server = await chromium.launchServer({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] })
  project.provide("browserRun", {
    stateDir,
    httpPort: await pickPort(new Set()),
    browserUrl: server.wsEndpoint(),
    screenshots,
  })
  return async () => {
    await server.close()
    await stopStartedSystem(stateDir)
    rmSync(stateDir, { recursive: true, force: true })
  }
}
