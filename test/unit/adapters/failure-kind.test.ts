import { readFileSync } from "node:fs"
import { DatabaseError } from "pg"
import { describe, expect, test } from "vitest"
import { failureKind, isUnavailable } from "../../../core/adapters/failure-kind.ts"

const sourceOf = (file: string) => readFileSync(new URL(`../../../node_modules/${file}`, import.meta.url), "utf8")
const coded = (code: string) => Object.assign(new Error("x"), { code })

describe("an error of PostgreSQL or of the network", () => {
  test.each([
    ["FS001", "no-watermark"],
    ["FS002", "watermark"],
    ["FS003", "conflict"],
    ["FS004", "conflict"],
    ["23505", "conflict"],
    ["FS005", "frozen"],
    ["FS006", "mode"],
  ])("a guard of the schema, %s, is %s", (code, kind) => {
    expect(failureKind(coded(code))).toBe(kind)
  })

  test("only an error about a value of a record counts as an error of its data", () => {
    expect(failureKind(coded("22003"))).toBe("data")
    for (const code of ["22012", "22P02", "23514", "23502", "23503"]) expect(failureKind(coded(code)), code).toBe("unavailable")
  })

  test.each([
    ["a demoted server", ["25006"]],
    ["an outage", ["08006", "57P01", "57P03", "58030", "53100", "53300", "40P01", "40001", "55P03", "28P01", "3D000"]],
    ["a schema that is not ours", ["42P01", "42883", "42501", "42703", "26000", "0A000"]],
    ["an unexpected constraint", ["23514", "23502", "23503", "23P01"]],
    ["a state that no list has", ["P0001", "XX000", "F0000", "99999", "2F005", "HV000"]],
    [
      "the network, while connecting or later",
      ["EAI_AGAIN", "ENETUNREACH", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND"],
    ],
    ["its cousins", ["EHOSTUNREACH", "EHOSTDOWN", "ENETDOWN", "EADDRNOTAVAIL", "EMFILE", "ENOBUFS", "EAI_FAIL", "ESERVFAIL"]],
    [
      "a connection that TLS or Node refuses",
      ["CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_STREAM_DESTROYED", "EPROTO"],
    ],
  ])("%s is tried again", (_case, codes) => {
    for (const code of codes) expect(failureKind(coded(code)), code).toBe("unavailable")
  })

  test("an answer of the server without a SQLSTATE counts as an error of the server", () => {
    expect(failureKind(new DatabaseError("x", 1, "error"))).toBe("unavailable")
  })

  test("is found among the causes of another error, and not in a circle of them", () => {
    expect(failureKind(new Error("could not read", { cause: new Error("pool", { cause: coded("25006") }) }))).toBe("unavailable")
    const circle = new Error("x")
    circle.cause = circle
    expect(failureKind(circle)).toBe("bug")
  })
})

test("an error of neither a server nor the network is a bug of the system", () => {
  const ours = [
    new TypeError("x is not a function"),
    new RangeError("out of range"),
    new Error("A thing"),
    "text",
    undefined,
    null,
  ]
  for (const error of [...ours, coded("ERR_INVALID_ARG_TYPE"), coded("ABORT_ERR"), Object.assign(new Error("x"), { code: 7 })]) {
    expect(isUnavailable(error), String(error)).toBe(false)
  }
})

describe("every message of the driver without a code is known, in every version", () => {
  const sources = ["pg/lib/client.js", "pg/lib/connection.js", "pg/lib/crypto/sasl.js", "pg-pool/index.js"]
  /** Misuse of the driver: a fault of the code that calls it. */
  const misuse =
    /already been connected|null or undefined query|callback is not a function|pipeline mode|already been released|unexpected condition|passing a function|more than once/i
  /** SASL's helpers check the arguments of the driver itself. */
  const internal = /argument must be a buffer|buffer lengths must match|buffers cannot be empty|password must be a string$/i
  const messages = sources.flatMap((file) =>
    [...sourceOf(file).matchAll(/new (?:Type)?Error\(\s*(['"`])(.+?)\1/g)].map(([, , message = ""]) => message),
  )
  const ofTheConnection = messages.filter((message) => !misuse.test(message) && !internal.test(message))

  test("the driver's source is read", () => {
    expect(ofTheConnection).toEqual(
      expect.arrayContaining(["Connection terminated unexpectedly", "timeout expired", "Query read timeout"]),
    )
  })
  test.each(ofTheConnection)("%s", (message) => {
    expect(failureKind(new Error(message))).toBe("unavailable")
  })
})
