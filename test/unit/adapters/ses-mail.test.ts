import type { IncomingMessage, ServerResponse } from "node:http"
import { SESv2Client } from "@aws-sdk/client-sesv2"
import { afterEach, expect, test } from "vitest"
import type { Mail } from "../../../core/adapters/mail/send-mail.ts"
import { sesMail } from "../../../core/adapters/mail/ses.ts"
import { type LocalServer, localServer } from "../../services/local-server.ts"

const mail: Mail = {
  to: "grace@shoppers.test",
  fromName: "Flash sale",
  subject: "Größe",
  text: "text",
  html: "<p>html</p>",
  eventId: "7-3-0",
  generation: 2,
}

let server: LocalServer | undefined
afterEach(() => server?.close())

/** SES's own client in front of a server that answers as SES does. */
async function sendTo(answer: (response: ServerResponse, body: string, request: IncomingMessage) => void) {
  const requests: { readonly path: string | undefined; readonly body: string }[] = []
  server = await localServer((request, response) => {
    let body = ""
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on("end", () => {
      requests.push({ path: request.url, body })
      answer(response, body, request)
    })
  })
  return { outcome: await send(server.url), requests }
}

function send(endpoint: string) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" }
  const requestHandler = { connectionTimeout: 200, requestTimeout: 200 }
  const client = new SESv2Client({ endpoint, region: "eu-central-1", credentials, maxAttempts: 1, requestHandler })
  return sesMail({ client, from: "shop@flash-sale.test", configurationSet: "notices", timeoutMs: 300 })(mail)
}

const failure = (status: number, type: string) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type })
  response.end(JSON.stringify({ message: "Message for grace@shoppers.test was not taken" }))
}

test("SES gets the mail in both forms, its configuration set, and tags that reports repeat", async () => {
  const { outcome, requests } = await sendTo((response) => {
    response.writeHead(200, { "content-type": "application/json" })
    response.end(JSON.stringify({ MessageId: "0102-abc" }))
  })
  expect(outcome).toEqual({ kind: "sent", messageId: "0102-abc" })
  expect(requests.map(({ path }) => path)).toEqual(["/v2/email/outbound-emails"])
  expect(JSON.parse(requests[0]?.body ?? "")).toEqual({
    ConfigurationSetName: "notices",
    FromEmailAddress: '"Flash sale" <shop@flash-sale.test>',
    Destination: { ToAddresses: ["grace@shoppers.test"] },
    Content: {
      Simple: {
        Subject: { Data: "Größe", Charset: "UTF-8" },
        Body: { Text: { Data: "text", Charset: "UTF-8" }, Html: { Data: "<p>html</p>", Charset: "UTF-8" } },
      },
    },
    EmailTags: [
      { Name: "event-id", Value: "7-3-0" },
      { Name: "generation", Value: "2" },
    ],
  })
})

test.each([
  [429, "TooManyRequestsException"],
  [400, "ThrottlingException"],
  [400, "LimitExceededException"],
  [400, "SendingPausedException"],
  [400, "AccountSuspendedException"],
  [400, "MailFromDomainNotVerifiedException"],
  [404, "NotFoundException"],
  [403, "AccessDeniedException"],
  [500, "InternalServiceErrorException"],
  [503, "ServiceUnavailable"],
])("an answer %i %s concerns every mail: this one is sent later, and is not repeated at once", async (status, type) => {
  const { outcome, requests } = await sendTo(failure(status, type))
  expect(outcome).toMatchObject({ kind: "not-sent" })
  expect(requests).toHaveLength(1)
})

test.each(["MessageRejected", "BadRequestException"])(
  "%s concerns this mail alone: it is refused, and the reason names nobody",
  async (type) => {
    expect((await sendTo(failure(400, type))).outcome).toEqual({ kind: "refused", reason: type })
  },
)

test("without an answer the mail may have been sent, and the call is not repeated", async () => {
  const hanging = await sendTo(() => {})
  expect(hanging.outcome).toMatchObject({ kind: "unknown" })
  expect(hanging.requests).toHaveLength(1)
  await server?.close()
  const cut = await sendTo((_, __, request) => request.socket.destroy())
  expect(cut.outcome).toMatchObject({ kind: "unknown" })
  expect(cut.requests).toHaveLength(1)
})

test("SES that cannot be reached has sent nothing", async () => {
  expect(await send("http://127.0.0.1:1")).toMatchObject({ kind: "not-sent" })
})
