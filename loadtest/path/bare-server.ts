import { createServer } from "node:http"

/** As long as the problem document of a request that is refused after its token was verified. */
const body = JSON.stringify({ type: "/problems/validation-failed", detail: "x".repeat(200), decided: false, errors: [] })

/** Reads each request to its end and answers it without looking at it: what node:http costs by itself. */
const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    response.writeHead(422, {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-correlation-id": "00000000-0000-4000-8000-000000000000",
      "content-length": Buffer.byteLength(body),
    })
    response.end(body)
  })
})

server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
process.once("disconnect", () => process.exit(0))
