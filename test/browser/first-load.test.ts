import { expect } from "vitest"
import { pageLoad } from "../../lib/cost/page-load.ts"
import { test } from "./given-shop.ts"
import type { Shopper } from "./shopper.ts"

const maxScriptBytes = 50_000
const usableWithinMs = 3_000
/** A phone of some years ago on a slow mobile network, as Lighthouse simulates it. */
const slowPhone = { downloadKbps: 1_600, uploadKbps: 750, roundTripMs: 150, processorIsSlowerBy: 4 }

interface Loaded {
  readonly path: string
  readonly bytes: number
  readonly isScript: boolean
}

/** What this device receives from now on, with the bytes on the wire. */
async function transfers(shopper: Shopper): Promise<() => readonly Loaded[]> {
  const network = await shopper.protocol()
  await network.send("Network.enable")
  const urls = new Map<string, { path: string; isScript: boolean }>()
  const loaded: Loaded[] = []
  network.on("Network.responseReceived", ({ requestId, response, type }) =>
    urls.set(requestId, { path: new URL(response.url).pathname, isScript: type === "Script" }),
  )
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const what = urls.get(requestId)
    if (what !== undefined) loaded.push({ ...what, bytes: encodedDataLength })
  })
  return () => loaded
}

const isOfApi = ({ path }: Loaded) => /^\/(v1|local)\//.test(path)
const sum = (loaded: readonly Loaded[]) => loaded.reduce((bytes, one) => bytes + one.bytes, 0)

test.for(["/", "/orders", "/sale/sku-001"])(
  "%s opens without an error and without a request to another site",
  async (path, { given }) => {
    const shopper = await given.arrive({ path })
    await shopper.page.getByRole("heading", { level: 1 }).waitFor()
    expect(await shopper.page.title()).toMatch(/./)
  },
)

test("the first load has at most 50 kB of script, and no more files and bytes than the model of the cost counts", async ({
  given,
}) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arrive({ path: "/paused.html" })
  const loaded = await transfers(shopper)
  const network = await shopper.protocol()
  await network.send("Network.setCacheDisabled", { cacheDisabled: true })
  await shopper.page.goto(`/sale/${skuId}`)
  await shopper.sees("The sale is open.")
  const files = loaded().filter((one) => !isOfApi(one))
  const script = files.filter(({ isScript }) => isScript)
  console.log(
    `first load: ${sum(script)} bytes of script, ${sum(files)} bytes in ${files.length} files: ${files.map(({ path }) => path).join(", ")}`,
  )
  expect(script.length).toBeGreaterThan(0)
  expect(sum(script)).toBeLessThanOrEqual(maxScriptBytes)
  expect(files.length).toBeLessThanOrEqual(pageLoad.requests)
  expect(sum(files)).toBeLessThanOrEqual(pageLoad.bytes)
})

test("a second load asks for nothing that has a hash in its name", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arrive({ path: `/sale/${skuId}` })
  await shopper.sees("The sale is open.")
  const loaded = await transfers(shopper)
  await shopper.page.goto("/")
  await shopper.page.getByRole("heading", { level: 1, name: "Sales" }).waitFor()
  const again = loaded().filter(({ path, bytes }) => path.startsWith("/assets/") && bytes > 0)
  expect(again).toEqual([])
})

test("on a slow phone the page is usable within 3 s", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arrive({ path: "/paused.html" })
  const device = await shopper.protocol()
  const perSecond = (kilobits: number) => (kilobits * 1_000) / 8
  await device.send("Network.enable")
  await device.send("Network.setCacheDisabled", { cacheDisabled: true })
  await device.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: slowPhone.roundTripMs,
    downloadThroughput: perSecond(slowPhone.downloadKbps),
    uploadThroughput: perSecond(slowPhone.uploadKbps),
  })
  await device.send("Emulation.setCPUThrottlingRate", { rate: slowPhone.processorIsSlowerBy })
  const usableMs = async (): Promise<number> => {
    await shopper.page.goto("/paused.html")
    const startedMs = performance.now()
    await shopper.page.goto(`/sale/${skuId}`, { waitUntil: "commit" })
    await shopper.sees("The sale is open.")
    await shopper.page.getByRole("button", { name: "Sign in" }).first().click()
    await shopper.page.getByRole("dialog", { name: "Sign in" }).waitFor()
    return performance.now() - startedMs
  }
  // A page that is too heavy is slow each time; a machine that other work keeps busy is not.
  let fastestMs = Number.POSITIVE_INFINITY
  for (let load = 0; load < 3 && fastestMs >= usableWithinMs; load += 1) fastestMs = Math.min(fastestMs, await usableMs())
  console.log(`usable on a slow phone after ${Math.round(fastestMs)} ms`)
  expect(fastestMs).toBeLessThan(usableWithinMs)
})

test("an open page asks for stock at the pace of the edge, and a hidden one far less often", async ({ given }) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arrive({ path: `/sale/${skuId}`, clockAheadMs: 0 })
  await shopper.sees("The sale is open.")
  const stock = shopper.countRequests(/\/availability$/)
  const all = shopper.countRequests(/^\//)
  const startedMs = performance.now()
  await expect.poll(stock, { timeout: 20_000 }).toBe(4)
  const seconds = (performance.now() - startedMs) / 1_000
  console.log(
    `an open sale page: ${(all() / seconds).toFixed(2)} requests/s, of these ${(stock() / seconds).toFixed(2)} for stock`,
  )
  // Once in 2 s, and a random part of up to a quarter is added to each pause.
  expect(seconds).toBeGreaterThan(4 * 2 - 2.5)
  expect(all() / seconds).toBeLessThan(1)
})

test("a script that is not a file of the shop does not run, and the tests notice it, and a picture without a text", async ({
  given,
}) => {
  const shopper = await given.arrive()
  await shopper.page.getByRole("heading", { level: 1 }).waitFor()
  await shopper.page.evaluate(() => {
    const inline = document.createElement("script")
    inline.textContent = "globalThis.planted = true"
    document.head.append(inline)
    const foreign = document.createElement("img")
    foreign.src = "https://example.com/pixel.png"
    document.body.append(foreign)
  })
  expect(await shopper.page.evaluate(() => "planted" in globalThis)).toBe(false)
  const complaints = shopper.takeComplaints().join("\n")
  expect(complaints).toMatch(/script-src 'self'/)
  expect(complaints).toMatch(/img-src 'self' data:/)
  // The picture has no text for those who do not see it.
  expect((await shopper.violations()).join()).toContain("image-alt")
})

test("a page of the build before goes on during a deployment: what it knows is read again, and its files are there", async ({
  given,
}) => {
  const skuId = await given.shop.sale({ total_stock: 3 })
  const shopper = await given.arriveSignedIn({ path: `/sale/${skuId}` })
  // The next version of the API answers with a status and a member that this page does not know.
  await shopper.context.route("**/v1/reservations", async (route) => {
    const answer = await route.fetch()
    const body = (await answer.json()) as Record<string, unknown>
    await route.fulfill({ response: answer, json: { ...body, status: "SETTLING", a_new_member: 1 } })
  })
  await shopper.press("Reserve")
  await shopper.sees(/^Your request has a state that this page does not know\. Please load the page again\. You lose nothing\.$/)
  await shopper.doesNotSee(/hold nothing/)
  await shopper.shows("unknown-status")
})
