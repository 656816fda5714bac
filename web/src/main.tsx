import { render } from "preact"
import { type StageConfig, stageConfigPath } from "./config/stage-config.ts"
import { openKeeper } from "./device/keeper.ts"
import { startPage } from "./effects/page.ts"
import { ignoreSecondClicks } from "./effects/second-clicks.ts"
import { startSession } from "./effects/start-session.ts"
import { de } from "./text/de.ts"
import { en } from "./text/en.ts"
import { App } from "./views/app.tsx"

const root = document.getElementById("page")
const longestPauseMs = 10_000

/** Reads the stage's configuration. Nothing works without it, so it is read until it comes. */
async function readConfig(failures = 0): Promise<StageConfig> {
  try {
    const response = await fetch(stageConfigPath, { cache: "no-cache" })
    if (!response.ok) throw new Error(`${stageConfigPath} was answered with ${response.status}`)
    return (await response.json()) as StageConfig
  } catch {
    if (root !== null) root.textContent = [en.unreachable, de.unreachable].join(" ")
    const pauseMs = Math.min(longestPauseMs, 500 * 2 ** failures) * (1 + Math.random() / 4)
    await new Promise((resolve) => window.setTimeout(resolve, pauseMs))
    return readConfig(failures + 1)
  }
}

if (root !== null) {
  const config = await readConfig()
  const keeper = openKeeper()
  const page = startPage(config, keeper)
  startSession(page, config, keeper)
  ignoreSecondClicks(document)
  root.textContent = ""
  render(<App page={page} config={config} keeper={keeper} />, root)
}
