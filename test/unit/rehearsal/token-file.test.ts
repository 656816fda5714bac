import { UnsecuredJWT } from "jose"
import { expect, test } from "vitest"
import { adminTokenOf, TokensUnusable, tokensOf } from "../../../loadtest/rehearsal/token-file.ts"

const now = Date.parse("2027-03-12T17:00:00Z")
const minutesFromNow = (minutes: number) => new Date(now + minutes * 60_000)
const neededUntil = minutesFromNow(10)

const token = (sub: string, minutes = 60) => new UnsecuredJWT({ sub }).setExpirationTime(minutesFromNow(minutes)).encode()
const login = (sub: string, accessToken = token(sub)) => JSON.stringify({ sub, access_token: accessToken })
const file = (...lines: string[]) => `${lines.join("\n")}\n`

test("each shopper gets one token, in the order of the file", () => {
  expect(tokensOf(file(login("a"), login("b"), "", login("c")), 2, neededUntil)).toEqual([token("a"), token("b")])
})

test("additional members are ignored, and lines may end with CR LF", () => {
  const line = JSON.stringify({ sub: "a", access_token: token("a"), expires_in: 3_600 })
  expect(tokensOf(`${line}\r\n`, 1, neededUntil)).toEqual([token("a")])
})

test("the last token of a shopper counts, also if the first has expired", () => {
  expect(tokensOf(file(login("a", token("a", -5)), login("a")), 1, neededUntil)).toEqual([token("a")])
})

test("too few shoppers are refused with both numbers, and a repeated shopper counts once", () => {
  const twice = file(login("a"), login("a"), login("b"))
  expect(() => tokensOf(twice, 3, neededUntil)).toThrow(
    new TokensUnusable("the file has tokens of 2 shoppers, but the rehearsal needs 3"),
  )
  expect(() => tokensOf("", 1, neededUntil)).toThrow(/tokens of 0 shoppers/)
})

test("a token that does not last until the end is refused with its line and both times", () => {
  const lines = file(login("a"), login("b", token("b", 9)))
  expect(() => tokensOf(lines, 2, neededUntil)).toThrow(
    "line 2: the token expires at 2027-03-12T17:09:00.000Z, the rehearsal may need it until 2027-03-12T17:10:00.000Z",
  )
})

test("a token that no shopper uses may have expired", () => {
  expect(tokensOf(file(login("a"), login("b", token("b", -1))), 1, neededUntil)).toEqual([token("a")])
})

const secret = token("a").slice(0, -1)
test.each([
  ["a bare token", secret, 'line 1 is not {"sub": "...", "access_token": "..."}'],
  ["JSON that is cut off", `{"sub":"a","access_token":"${secret}`, "line 1 is not {"],
  ["no sub", JSON.stringify({ access_token: secret }), "line 1 is not {"],
  ["no access_token", JSON.stringify({ sub: "a", token: secret }), "line 1 is not {"],
  ["an empty access_token", login("a", ""), "line 1 is not {"],
  ["a token that is not a JWT", login("a", "opaque-token"), "line 1: the token is not a JWT"],
  ["another user's token", login("b", token("a")), `line 1: the token belongs to another user than its "sub"`],
  ["a token without an end", login("a", new UnsecuredJWT({ sub: "a" }).encode()), "line 1: the token expires at 1970-"],
])("%s is refused with its line number and without its text", (_name, line, reason) => {
  const found = thrownBy(() => tokensOf(file(line), 1, neededUntil))
  expect(found).toBeInstanceOf(TokensUnusable)
  expect(found.message).toContain(reason)
  expect(found.message).not.toMatch(/eyJ|opaque-token/)
  expect(found.cause).toBeUndefined()
})

test("the admin token may end with its line, and must last, too", () => {
  expect(adminTokenOf(`${token("boss")}\n`, neededUntil)).toBe(token("boss"))
  expect(() => adminTokenOf(token("boss", 1), neededUntil)).toThrow(/^the admin token: the token expires at/)
  expect(() => adminTokenOf("nonsense", neededUntil)).toThrow("the admin token: the token is not a JWT")
})

function thrownBy(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error("Nothing was thrown")
}
