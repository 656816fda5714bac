import type { AddressInfo } from "node:net"
import { createServer, type Socket } from "node:net"
import { SMTPServer, type SMTPServerOptions } from "smtp-server"
import { afterEach, expect, test } from "vitest"
import type { Mail } from "../../../core/adapters/mail/send-mail.ts"
import { smtpMail } from "../../../core/adapters/mail/smtp.ts"
import { createMailServer } from "../../../local/mail/server.ts"

const mail: Mail = {
  to: "grace@shoppers.test",
  fromName: "Flash sale",
  subject: "Ihre Bestellung ist bestätigt: Tasche „Größe M“",
  text: "Grüße: 1.234,50 €\n\n.\nEine Zeile nach einem Punkt\n",
  html: "<p>Grüße</p>",
  eventId: "7-3-0",
  generation: 1,
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const sendTo = (port: number) => smtpMail({ host: "127.0.0.1", port, from: "shop@flash-sale.test", timeoutMs: 300 })(mail)

/** A real SMTP server of the test's own, with faults in its handlers. */
async function faultyServer(handlers: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ["STARTTLS", "AUTH"], closeTimeout: 10, ...handlers })
  server.on("error", () => {})
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return (server.server.address() as AddressInfo).port
}

/** A server that speaks as the test tells it to. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const answered = (responseCode: number) => Object.assign(new Error("No such user grace@shoppers.test"), { responseCode })

test("a mail arrives as it was written, in both forms, with the id of its event", async () => {
  const received: string[] = []
  const server = createMailServer(async (message) => received.push(message.toString("utf8")))
  closing.push(() => server.close())
  expect(await sendTo(await server.listen(0))).toMatchObject({ kind: "sent" })
  const [message = ""] = received
  expect(message).toMatch(/^X-Event-ID: 7-3-0\r$/m)
  expect(message).toMatch(/^From: Flash sale <shop@flash-sale\.test>\r$/m)
  expect(message).toMatch(/^To: grace@shoppers\.test\r$/m)
  expect(message).toMatch(/^Subject: =\?UTF-8\?/m)
  expect(message).toContain("text/plain; charset=utf-8")
  expect(message).toContain("text/html; charset=utf-8")
})

test.each([
  ["the sender", { onMailFrom: (_: unknown, __: unknown, done: (error: Error) => void) => done(answered(451)) }],
  ["the address", { onRcptTo: (_: unknown, __: unknown, done: (error: Error) => void) => done(answered(450)) }],
  ["the connection", { onConnect: (_: unknown, done: (error: Error) => void) => done(answered(421)) }],
] as [string, SMTPServerOptions][])(
  "a server that refuses %s for now has not sent the mail: it is sent later",
  async (_, handlers) => {
    expect(await sendTo(await faultyServer(handlers))).toMatchObject({ kind: "not-sent" })
  },
)

test("a server that refuses the address for good, or the message, has refused the mail", async () => {
  const refusesAddress = await faultyServer({ onRcptTo: (_, __, done) => done(answered(550)) })
  expect(await sendTo(refusesAddress)).toEqual({ kind: "refused", reason: "smtp-550" })
  const refusesMessage = await faultyServer({
    onData: (stream, _, done) => {
      stream.resume()
      stream.once("end", () => done(answered(554)))
    },
  })
  expect(await sendTo(refusesMessage)).toEqual({ kind: "refused", reason: "smtp-554" })
})

test("a server that throttles after the message answers: the mail is sent later", async () => {
  const throttling = await faultyServer({
    onData: (stream, _, done) => {
      stream.resume()
      stream.once("end", () => done(answered(452)))
    },
  })
  expect(await sendTo(throttling)).toMatchObject({ kind: "not-sent" })
})

test("a server that cannot be reached, or that hangs before it takes the message, has not sent it", async () => {
  expect(await sendTo(1)).toMatchObject({ kind: "not-sent" })
  expect(await sendTo(await rawServer(() => {}))).toMatchObject({ kind: "not-sent" })
  const hangsAtSender = await faultyServer({ onMailFrom: () => {} })
  expect(await sendTo(hangsAtSender)).toMatchObject({ kind: "not-sent" })
})

test("a server that has the message and then hangs or hangs up may have sent it", async () => {
  const hangs = await faultyServer({ onData: (stream) => void stream.resume() })
  expect(await sendTo(hangs)).toMatchObject({ kind: "unknown" })
  const hangsUp = await rawServer((socket) => {
    socket.write("220 test\r\n")
    socket.on("data", (chunk) => {
      const said = chunk.toString()
      if (said.includes("\r\n.\r\n")) socket.destroy()
      else if (said.startsWith("DATA")) socket.write("354 go on\r\n")
      else for (const _ of said.trim().split("\r\n")) socket.write("250 ok\r\n")
    })
  })
  expect(await sendTo(hangsUp)).toMatchObject({ kind: "unknown" })
})
