import { join } from "node:path"
import axe from "axe-core"
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from "playwright-core"
import { expect } from "vitest"

const waitMs = 20_000

export interface ArriveOptions {
  readonly path?: string
  readonly language?: "en-GB" | "de-DE"
  readonly device?: Pick<BrowserContextOptions, "viewport" | "colorScheme" | "reducedMotion" | "deviceScaleFactor">
  /** How much the clock of the device is ahead of the right time. */
  readonly clockAheadMs?: number
  /** The browser reports failures of the network on purpose in this test. */
  readonly expectsNetworkTrouble?: boolean
  /** What the page may find on the device before it loads. */
  readonly before?: (context: BrowserContext) => Promise<void>
}

/** What a page may not do. */
interface Complaints {
  readonly consoleErrors: string[]
  readonly foreignRequests: string[]
}

/** A shopper with a browser: one context, with all that a device keeps, and at first one tab. */
export class Shopper {
  readonly #url: string
  readonly #screenshots: string
  readonly #complaints: Complaints = { consoleErrors: [], foreignRequests: [] }
  readonly #options: ArriveOptions
  readonly context: BrowserContext
  page: Page
  /** The name that the shopper has signed in with. */
  name = ""

  private constructor(url: string, screenshots: string, options: ArriveOptions, context: BrowserContext, page: Page) {
    this.#url = url
    this.#screenshots = screenshots
    this.#options = options
    this.context = context
    this.page = page
  }

  static async arrive(
    browser: Browser,
    { url, screenshots }: { readonly url: string; readonly screenshots: string },
    options: ArriveOptions = {},
  ): Promise<Shopper> {
    const context = await browser.newContext({
      baseURL: url,
      locale: options.language ?? "en-GB",
      timezoneId: "Europe/Berlin",
      viewport: { width: 420, height: 860 },
      ...options.device,
    })
    context.setDefaultTimeout(waitMs)
    await options.before?.(context)
    const shopper = new Shopper(url, screenshots, options, context, await context.newPage())
    context.on("request", (request) => shopper.#noteRequest(request.url()))
    shopper.#watch(shopper.page)
    if (options.clockAheadMs !== undefined) await shopper.page.clock.install({ time: Date.now() + options.clockAheadMs })
    await shopper.page.goto(options.path ?? "/")
    return shopper
  }

  /** Opens another tab on the same device, and uses it from now on. @returns the tab before */
  async newTab(path: string): Promise<Page> {
    const before = this.page
    this.page = await this.context.newPage()
    this.#watch(this.page)
    await this.page.goto(path)
    return before
  }

  #noteRequest(url: string): void {
    if (!url.startsWith(`${this.#url}/`) && !url.startsWith("data:") && !url.startsWith("blob:"))
      this.#complaints.foreignRequests.push(url)
  }

  /** A violation of the content security policy is a console error, too. */
  #watch(page: Page): void {
    page.on("console", (message) => {
      // The bank's page is not the shop's.
      if (!page.url().startsWith(this.#url)) return
      if (message.type() !== "error" || this.#isAnswerOfApi(message.text(), message.location().url)) return
      this.#complaints.consoleErrors.push(`${message.text()} (${message.location().url})`)
    })
    page.on("pageerror", (error) => this.#complaints.consoleErrors.push(`uncaught: ${error.message}`))
  }

  /** The browser reports each answer with an error status. Those of the API are part of a sale; those of a file are not. */
  #isAnswerOfApi(text: string, url: string): boolean {
    if (!text.startsWith("Failed to load resource")) return false
    return /\/(v1|local)\//.test(url) || this.#options.expectsNetworkTrouble === true
  }

  /** Waits for a sentence, by its words. */
  async sees(sentence: string | RegExp): Promise<void> {
    await this.page.getByText(sentence).first().waitFor({ state: "visible", timeout: waitMs })
  }

  /** The sentence is not there at this moment. */
  async doesNotSee(sentence: string | RegExp): Promise<void> {
    expect(await this.page.getByText(sentence).filter({ visible: true }).count(), String(sentence)).toBe(0)
  }

  async press(name: string | RegExp): Promise<void> {
    await this.page
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click()
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.page.getByRole("link", { name }).first().click()
  }

  /** Signs in as the local stage does: with a name. */
  async signIn(name: string): Promise<void> {
    await this.press("Sign in")
    const dialog = this.page.getByRole("dialog", { name: "Sign in" })
    await dialog.getByLabel("Your name").fill(name)
    await dialog.getByRole("button", { name: "Sign in" }).click()
    await this.sees(`Signed in as ${name}`)
    this.name = name
  }

  /** Chooses one of the test cards and pays with it. */
  async payWith(card: string): Promise<void> {
    await this.page.getByLabel(card).check()
    await this.press(/^Pay /)
  }

  /** A session of the browser's own protocol, for slow networks and processors. */
  protocol(): Promise<CDPSession> {
    return this.context.newCDPSession(this.page)
  }

  /** Requests of the API that the page has sent from now on. */
  countRequests(pattern: RegExp, method = "GET"): () => number {
    let count = 0
    this.context.on("request", (request) => {
      if (request.method() === method && pattern.test(new URL(request.url()).pathname)) count += 1
    })
    return () => count
  }

  /** A screenshot under the name of the state, and no violation of WCAG 2.2 AA that axe finds. */
  async shows(state: string, { checks = true }: { readonly checks?: boolean } = {}): Promise<void> {
    await this.page.screenshot({ path: join(this.#screenshots, `${state}.png`), fullPage: true })
    if (checks) expect(await this.violations(), state).toEqual([])
  }

  /** What a failed test last showed. */
  async keepsFailure(test: string): Promise<void> {
    const name = `failed-${test.replaceAll(/\W+/g, "-").slice(0, 80)}.png`
    if (!this.page.isClosed()) await this.page.screenshot({ path: join(this.#screenshots, name) })
  }

  /** The shopper looks at another window: the browser tells the page that nobody sees it. */
  async looksAway(): Promise<void> {
    await this.page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true })
      document.dispatchEvent(new Event("visibilitychange"))
    })
  }

  async looksBack(): Promise<void> {
    await this.page.evaluate(() => {
      Reflect.deleteProperty(document, "hidden")
      document.dispatchEvent(new Event("visibilitychange"))
    })
  }

  async violations(): Promise<string[]> {
    // The browser's protocol runs it: the page's policy stays in force for the page.
    await this.page.evaluate(axe.source)
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>
        }
      }
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
      const { violations } = await axe.run({ runOnly: tags })
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
      )
    })
  }

  /** What the page has complained about so far; it is forgotten here. For a test that plants a fault. */
  takeComplaints(): string[] {
    const { consoleErrors, foreignRequests } = this.#complaints
    return [...consoleErrors.splice(0), ...foreignRequests.splice(0)]
  }

  /** Closes the browser's context. @throws when the page has reported an error or has called another site */
  async leave(allowedOrigins: readonly string[] = []): Promise<void> {
    await this.context.close()
    const foreign = this.#complaints.foreignRequests.filter((url) => !allowedOrigins.some((origin) => url.startsWith(origin)))
    expect(foreign, "requests to other sites").toEqual([])
    expect(this.#complaints.consoleErrors, "errors of the console").toEqual([])
  }
}
