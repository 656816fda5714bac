import { expect } from "vitest"
import { test } from "./given-shop.ts"
import { holds } from "./sentences.ts"

test("a purchase by keyboard alone, with a visible focus at each step", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  const { keyboard } = shopper.page
  const focused = () =>
    shopper.page.evaluate(() => {
      const element = document.activeElement
      if (!(element instanceof HTMLElement)) return { name: "", hasRing: false }
      const style = getComputedStyle(element)
      const name = element.textContent || (element.closest("label")?.textContent ?? "")
      return { name, hasRing: style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0 }
    })
  const tabTo = async (name: RegExp) => {
    for (let presses = 0; presses < 40; presses += 1) {
      const now = await focused()
      if (name.test(now.name)) return expect(now, String(name)).toMatchObject({ hasRing: true })
      await keyboard.press("Tab")
    }
    throw new Error(`The keyboard does not reach ${name}`)
  }
  await shopper.page.getByRole("button", { name: "Reserve", exact: true }).waitFor()
  await tabTo(/^Reserve$/)
  await keyboard.press("Enter")
  await shopper.sees(holds(1))
  await tabTo(/^Pay /)
  await keyboard.press("Enter")
  await shopper.sees("Thank you. Your order is paid.")
})

test("at a width of 320 pixels, and at a zoom of 400 %, nothing is cut off and nothing scrolls sideways", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3, name: "Lamp with a long name for a narrow screen, first edition" })
  // 1280 pixels at 400 % are 320 pixels of the page (WCAG 1.4.10).
  for (const [state, device] of [
    ["narrow", { viewport: { width: 320, height: 640 } }],
    ["zoom-400", { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }],
  ] as const) {
    const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}`, device })
    await shopper.press("Reserve")
    await shopper.sees(holds(1))
    for (const path of [`/sale/${skuId}`, "/", "/orders"]) {
      await shopper.page.goto(path)
      await shopper.page.getByRole("heading", { level: 1 }).waitFor()
      const { scrolled, shown } = await shopper.page.evaluate(() => ({
        scrolled: document.documentElement.scrollWidth,
        shown: document.documentElement.clientWidth,
      }))
      expect(scrolled, `${state} ${path}`).toBeLessThanOrEqual(shown)
    }
    await shopper.page.goto(`/sale/${skuId}`)
    await shopper.sees(holds(1))
    await shopper.shows(state)
  }
})

test("in the dark, and with reduced motion, the contrast is right and nothing moves", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const device = { colorScheme: "dark", reducedMotion: "reduce" } as const
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}`, device })
  await shopper.press("Reserve")
  await shopper.sees(holds(1))
  await shopper.shows("dark")
  const moving = await shopper.page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === "running").length,
  )
  expect(moving).toBe(0)
  const isDark = await shopper.page.evaluate(() => {
    const [red = 255, green = 255, blue = 255] = (getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number)
    return red + green + blue < 200
  })
  expect(isDark).toBe(true)
})

test("in German: every step of a purchase, and the language stays on the device", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arrive({ path: `/sale/${skuId}`, language: "de-DE" })
  await shopper.sees("Der Verkauf ist offen.")
  expect(await shopper.page.locator("html").getAttribute("lang")).toBe("de")
  await shopper.shows("german")
  await shopper.page.getByLabel("Sprache").selectOption("en")
  await shopper.sees("The sale is open.")
  await shopper.page.reload()
  await shopper.sees("The sale is open.")
  expect(await shopper.page.locator("html").getAttribute("lang")).toBe("en")
})

test("from right to left, the page is mirrored and nothing is cut off", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arrive({ path: `/sale/${skuId}` })
  await shopper.sees("The sale is open.")
  await shopper.page.evaluate(() => {
    document.documentElement.dir = "rtl"
  })
  const { scrolled, shown } = await shopper.page.evaluate(() => ({
    scrolled: document.documentElement.scrollWidth,
    shown: document.documentElement.clientWidth,
  }))
  expect(scrolled).toBeLessThanOrEqual(shown)
  await shopper.shows("right-to-left")
})

test("live regions do not chatter: while a countdown runs, a screen reader hears at most one sentence in ten seconds", async ({
  given,
}) => {
  const { shop } = given
  const skuId = await shop.sale({ total_stock: 3, opens_at: new Date(Date.now() + 600_000).toISOString() })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}`, clockAheadMs: 0 })
  await shopper.page.getByRole("timer", { name: "Time until the opening" }).waitFor()
  await shopper.page.evaluate(() => {
    const heard: string[] = []
    Object.assign(globalThis, { heard })
    for (const region of document.querySelectorAll("[role=status], [aria-live=polite], [aria-live=assertive]"))
      new MutationObserver(() => {
        const text = region.textContent ?? ""
        if (text !== "" && text !== heard.at(-1)) heard.push(text)
      }).observe(region, { childList: true, characterData: true, subtree: true })
  })
  await shopper.page.clock.runFor(30_000)
  const heard = await shopper.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
  expect(heard.length, heard.join(" | ")).toBeLessThanOrEqual(3)
})

test("the dialog to sign in, an empty list of orders, a sale that does not exist", async ({ given }) => {
  const shopper = await given.arrive({ path: "/sale/there-is-none" })
  await shopper.sees("There is no such sale.")
  await shopper.shows("missing-sale")
  await shopper.press("Sign in")
  const dialog = shopper.page.getByRole("dialog", { name: "Sign in" })
  await dialog.waitFor()
  await shopper.shows("sign-in")
  await dialog.getByRole("button", { name: "Cancel" }).click()
  await shopper.follow("My orders")
  await shopper.sees("Sign in to see your orders.")
  await shopper.shows("orders-signed-out")
  await shopper.signIn(given.nameOf("new"))
  await shopper.sees("You have no orders.")
  await shopper.shows("orders-none")
  await shopper.press("Sign out")
  await shopper.sees("Sign in to see your orders.")
})

test.for(["paused", "busy"])("the page for %s times needs neither the API nor a script", async (name, { given }) => {
  const shopper = await given.arrive({ path: `/${name}.html` })
  const calls = shopper.countRequests(/^\/(v1|local|config)/)
  await shopper.page.reload()
  await shopper.page.getByRole("heading", { level: 1 }).waitFor()
  expect(await shopper.page.locator("script").count()).toBe(0)
  expect(calls()).toBe(0)
  await shopper.shows(name)
})
