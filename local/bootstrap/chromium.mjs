import { aptInstall } from "./apt.mjs"
import { onPath } from "./paths.mjs"
import { Missing } from "./say.mjs"

/** The browser of the tests: Debian's Chromium, or a Chromium or Chrome that is there. @throws Missing */
export async function ensureChromium() {
  const find = () => [...onPath("chromium"), ...onPath("chromium-browser"), ...onPath("google-chrome")][0]
  const found = find()
  if (found) return found
  const tried = await aptInstall("chromium")
  const installed = find()
  if (installed) return installed
  throw new Missing({
    tool: "Chromium",
    why: "the tests in test/browser use the shop's page with it; the system itself runs without it",
    tried: tried ?? "apt-get install chromium, but it is still not on PATH",
    byHand: "apt-get install chromium, or put Chrome on PATH as google-chrome",
  })
}
