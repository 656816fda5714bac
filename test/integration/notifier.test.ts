import { SMTPServer } from "smtp-server"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { productNames } from "../../core/adapters/catalogue/product-names.ts"
import { cachedAddresses } from "../../core/adapters/identity/cached-addresses.ts"
import type { MailOutcome } from "../../core/adapters/mail/send-mail.ts"
import { smtpMail } from "../../core/adapters/mail/smtp.ts"
import { EventDelivery } from "../../core/contracts/event-delivery.ts"
import type { AnySaleEvent } from "../../core/contracts/events.ts"
import { consumeEvents } from "../../core/workflows/streams/consume-events.ts"
import { forgetNotices } from "../../core/workflows/streams/notices-again.ts"
import { type NotifierDeps, sendNotice } from "../../lambdas/notifier/send-notice.ts"
import { createSendPause } from "../../lambdas/notifier/send-pause.ts"
import { sendNotices } from "../../lambdas/notifier/workflow.ts"
import { lambdaContext } from "../../local/host/lambda-context.ts"
import { localShopper } from "../../local/identity/shoppers.ts"
import { deliveryOf, eventOf, expired, givenNotices, newUser, noFailures, paid, redeliverFrom } from "../sale/given-notices.ts"
import { readRecords } from "../sale/topic-records.ts"
import { freshDatabase, type TestDatabase } from "../services/database.ts"
import { type HandlerEnvironment, handlerEnvironment } from "../services/environment.ts"
import { freshRedis } from "../services/redis.ts"
import { freshTopics, type TestTopics } from "../services/topics.ts"

let database: TestDatabase
let environment: HandlerEnvironment
let topics: TestTopics
let given: Awaited<ReturnType<typeof givenNotices>>
let notifier: typeof import("../../lambdas/notifier/handler.ts")
const printed: string[] = []

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0)
  }
  database = await freshDatabase()
  topics = await freshTopics({ databaseUrl: database.superuserUrl })
  given = await givenNotices(database.url)
  environment = await handlerEnvironment({
    databaseUrl: database.url,
    redisUrl: await freshRedis(),
    topics,
    more: given.variables,
  })
  notifier = await import("../../lambdas/notifier/handler.ts")
})
afterAll(async () => {
  vi.restoreAllMocks()
  await notifier.runtime.close()
  await Promise.all([given.close(), environment.close()])
  await database.drop()
})
beforeEach(() => {
  given.mails.length = 0
})
afterEach(() => {
  given.outside.identity = true
  given.outside.catalogue = true
})

const deliver = (...events: (AnySaleEvent | string)[]) =>
  notifier.handler(
    deliveryOf(events),
    lambdaContext("notifier", () => 60_000),
  )
const stateOf = async ({ reservation_id }: AnySaleEvent) =>
  (await given.store.list({ reservationId: reservation_id, limit: 10 })).map(({ state, reason }) => [state, reason])
const mailedEvents = () => given.mails.map(({ eventId }) => eventId).sort()

/** The notifier with faults of the test's own. Its pauses are short. */
const depsWith = (planted: Partial<NotifierDeps> = {}): NotifierDeps => ({
  store: given.store,
  addressOf: cachedAddresses(async (userId) => ({ address: `${userId}@shoppers.test`, language: "en" })),
  productNameOf: productNames(given.variables.CATALOGUE_URL),
  sendMail: smtpMail({ host: "127.0.0.1", port: given.mailPort, from: "shop@flash-sale.local", timeoutMs: 300 }),
  pause: createSendPause({ firstMs: 1, maxAfterNotSentMs: 1, maxAfterUnknownMs: 1 }),
  shopUrl: "https://shop.test",
  failpoint: () => {},
  ...planted,
})
const deliverTo = (deps: NotifierDeps, events: readonly AnySaleEvent[], timeLeftMs = () => 60_000) =>
  consumeEvents({ deadLetters: { keep: async () => {} } }, EventDelivery.parse(deliveryOf(events)), (partition) =>
    sendNotices(deps, partition, timeLeftMs),
  )

describe("the notifier", () => {
  test("writes to each shopper in their language, with the product's name, about what happened to them", async () => {
    const [english, german] = [newUser({ locale: "en" }), newUser({ locale: "de" })]
    const events = [paid(english), expired(german)]
    expect(await deliver(...events)).toEqual(noFailures)
    expect(mailedEvents()).toEqual(events.map(({ event_id }) => event_id).sort())
    const mailTo = (user: string) => given.mails.find(({ to }) => to === localShopper(user).email)?.raw
    expect(mailTo(english)).toMatch(/^Subject: Your order of Canvas bag is confirmed\r$/m)
    expect(mailTo(english)).toContain("=E2=82=AC49.00")
    expect(mailTo(german)).toContain("Blitzverkauf")
    for (const event of events) expect(await stateOf(event)).toEqual([["SENT", undefined]])
  })

  test("writes once about an event that comes again, also at the same time to two notifiers", async () => {
    const events = Array.from({ length: 5 }, () => expired())
    await Promise.all([deliver(...events, ...events), deliver(...events)])
    expect(await deliver(...events)).toEqual(noFailures)
    expect(new Set(mailedEvents()).size).toBe(5)
    expect(given.mails).toHaveLength(5)
  })

  test("counts a shopper without an address, and goes on", async () => {
    const [without, after] = [expired(newUser({ hasAddress: false })), expired()]
    expect(await deliver(without, after)).toEqual(noFailures)
    expect(mailedEvents()).toEqual([after.event_id])
    expect(await stateOf(without)).toEqual([["NO_ADDRESS", undefined]])
  })

  test("sets a record that is no event aside, and writes about its neighbours", async () => {
    const [before, after] = [expired(), expired()]
    expect(await deliver(before, "{", after)).toEqual(noFailures)
    expect(mailedEvents()).toEqual([before.event_id, after.event_id].sort())
    const letters = await readRecords(topics.deadLetters)
    expect(letters).toMatchObject([{ value: "{", headers: { group: "notifier", reason: "not-json", offset: "101" } }])
  })

  test("says nothing about events that shoppers caused themselves", async () => {
    const { event_id, ...rest } = eventOf("reservation.cancelled", { user_id: newUser(), quantity: 1 })
    expect(await deliver({ event_id, ...rest } as AnySaleEvent)).toEqual(noFailures)
    expect(given.mails).toEqual([])
  })

  test("names the SKU while the catalogue does not answer", async () => {
    given.outside.catalogue = false
    const event = eventOf("reservation.expired", { user_id: newUser({ locale: "en" }), quantity: 1 }, "sku-without-name")
    expect(await deliver(event)).toEqual(noFailures)
    expect(given.mails[0]?.raw).toMatch(/^Subject: The time to pay for sku-without-name is over\r$/m)
  })

  test("sends again after an operator asked for it, and keeps both notices", async () => {
    const event = expired()
    await deliver(event)
    await forgetNotices(given.store)
    expect(await deliver(event)).toEqual(noFailures)
    expect(mailedEvents()).toEqual([event.event_id, event.event_id])
    expect(await stateOf(event)).toHaveLength(2)
  })
})

describe("an outage delays notices and loses none:", () => {
  test("the identity provider", async () => {
    given.outside.identity = false
    const events = [expired(), expired()]
    expect(await deliver(...events)).toEqual(redeliverFrom(100))
    given.outside.identity = true
    expect(await deliver(...events)).toEqual(noFailures)
    expect(given.mails).toHaveLength(2)
  })

  test("the mail provider is down and comes back", async () => {
    const deps = depsWith()
    const events = Array.from({ length: 4 }, () => expired())
    await given.stopMail()
    expect(await deliverTo(deps, events)).toEqual(redeliverFrom(100))
    for (const event of events) expect(await stateOf(event)).toEqual([])
    await given.startMail()
    await vi.waitFor(async () => expect(await deliverTo(deps, events)).toEqual(noFailures), { timeout: 5_000, interval: 5 })
    expect(mailedEvents()).toEqual(events.map(({ event_id }) => event_id).sort())
  })

  test("a provider that throttles: what it took is not sent again, the rest comes later", async () => {
    let taken = 0
    const usual = depsWith().sendMail
    const sendMail = async (mail: Parameters<typeof usual>[0]): Promise<MailOutcome> => {
      taken += 1
      return taken % 3 === 0 ? { kind: "not-sent", error: new Error("Throttling") } : usual(mail)
    }
    const deps = depsWith({ sendMail })
    const events = Array.from({ length: 10 }, () => expired())
    await vi.waitFor(async () => expect(await deliverTo(deps, events)).toEqual(noFailures), { timeout: 5_000, interval: 5 })
    expect(mailedEvents()).toEqual(events.map(({ event_id }) => event_id).sort())
  })

  test("the store: nothing is sent that could not be recorded", async () => {
    const record = () => Promise.reject(new Error("connection refused"))
    const deps = depsWith({ store: { ...given.store, record } })
    const event = expired()
    expect(await deliverTo(deps, [event])).toEqual(redeliverFrom(100))
    expect(given.mails).toEqual([])
    expect(await deliverTo(depsWith(), [event])).toEqual(noFailures)
    expect(given.mails).toHaveLength(1)
  })

  test("an invocation that ends begins no further send", async () => {
    const events = [expired(), expired()]
    expect(await deliverTo(depsWith(), events, () => 0)).toEqual(redeliverFrom(100))
    expect(given.mails).toEqual([])
  })
})

describe("a mail is sent at most once:", () => {
  test("a refused one is recorded as failed, without the address, and the others go on", async () => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      closeTimeout: 10,
      onRcptTo: (_, __, done) => done(Object.assign(new Error("No such user"), { responseCode: 550 })),
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
    const port = (server.server.address() as { port: number }).port
    const event = expired()
    const sendMail = smtpMail({ host: "127.0.0.1", port, from: "shop@flash-sale.local" })
    expect(await deliverTo(depsWith({ sendMail }), [event])).toEqual(noFailures)
    expect(await stateOf(event)).toEqual([["FAILED", "smtp-550"]])
    expect(await deliverTo(depsWith(), [event])).toEqual(noFailures)
    expect(given.mails).toEqual([])
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  test("a provider that hangs with the mail costs one notice for each pause, not every notice", async () => {
    let tries = 0
    const sendMail = async (): Promise<MailOutcome> => {
      tries += 1
      return { kind: "unknown", error: new Error("Timeout") }
    }
    const deps = depsWith({
      sendMail,
      pause: createSendPause({ firstMs: 60_000, maxAfterNotSentMs: 60_000, maxAfterUnknownMs: 60_000 }),
    })
    const events = Array.from({ length: 30 }, () => expired())
    const first = await deliverTo(deps, events, () => 100)
    expect(first.batchItemFailures[0]?.itemIdentifier.offset).toBeGreaterThan(100)
    expect(tries).toBeLessThanOrEqual(6)
    const triesOfFirst = tries
    await deliverTo(deps, events.slice(tries), () => 10)
    expect(tries).toBe(triesOfFirst)
    const unknown = await given.store.list({ state: "UNKNOWN", limit: 200 })
    expect(unknown.filter(({ eventId }) => events.some(({ event_id }) => event_id === eventId))).toHaveLength(tries)
  })

  test("of two notifiers with one event, the second sends nothing, and the late outcome of the first counts", async () => {
    const event = expired()
    const sending = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const usual = depsWith()
    const sendMail: NotifierDeps["sendMail"] = async (mail) => {
      begun.resolve()
      await sending.promise
      return usual.sendMail(mail)
    }
    const generation = await given.store.generation()
    const first = sendNotice(depsWith({ sendMail }), event, generation)
    await begun.promise
    expect(await deliverTo(usual, [event])).toEqual(noFailures)
    expect(given.mails).toEqual([])
    expect(await stateOf(event)).toEqual([["UNKNOWN", "sender-ended"]])
    sending.resolve()
    expect(await first).toBe("done")
    expect(given.mails).toHaveLength(1)
    expect(await stateOf(event)).toEqual([["SENT", undefined]])
  })
})

describe("personal data", () => {
  const leaksIn = (text: string) => text.match(/[\w.+-]+@shoppers[\w.-]+/g) ?? []

  test("the check finds a leak", () => {
    expect(leaksIn(`to ${localShopper(newUser()).email}`)).toHaveLength(1)
  })

  test("no address is in a log line", () => {
    expect(printed.length).toBeGreaterThan(5)
    expect(leaksIn(printed.join("\n"))).toEqual([])
  })

  test("no address and no user is in a table or on a topic", async () => {
    const user = newUser()
    await deliver(expired(user))
    const { Client } = await import("pg")
    const client = new Client({ connectionString: database.superuserUrl })
    await client.connect()
    const { rows } = await client.query("SELECT n::text AS row FROM notices.notices n")
    await client.end()
    expect(rows.length).toBeGreaterThan(10)
    const text = JSON.stringify(rows) + JSON.stringify(await readRecords(topics.deadLetters))
    expect(leaksIn(text)).toEqual([])
    expect(text).not.toContain(user)
  })
})
