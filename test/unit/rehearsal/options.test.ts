import { expect, test } from "vitest"
import { parseOptions } from "../../../loadtest/rehearsal/options.ts"

const parse = (line: string, env: Record<string, string> = {}) => parseOptions(line.split(" ").filter(Boolean), env, 42)

test("without options the size of the sale is open, holds last 20 s, and the system is on this machine", () => {
  expect(parse("")).toEqual({
    kind: "options",
    options: {
      url: "http://127.0.0.1:8080",
      size: {},
      holdSeconds: 20,
      seed: 42,
      edge: true,
    },
  })
})

test("every option has an effect", () => {
  const all = "--url http://shop:81/ --shoppers 5 --stock 2 --hold 2m --peak 7 --seed 9 --no-edge --json out.json"
  expect(parse(all)).toEqual({
    kind: "options",
    options: {
      url: "http://shop:81",
      size: { shoppers: 5, stock: 2, peakPerSecond: 7 },
      holdSeconds: 120,
      seed: 9,
      edge: false,
      jsonFile: "out.json",
    },
  })
})

test("--rate is the earlier name of --peak", () => {
  expect(parse("--rate 7")).toEqual(parse("--peak 7"))
})

test("with tokens from a file the system is a deployed one, which has its own edge", () => {
  expect(parse("--url https://shop --tokens t.jsonl --admin-token-file admin")).toMatchObject({
    options: { url: "https://shop", tokensFile: "t.jsonl", adminTokenFile: "admin", edge: false },
  })
})

test("BASE_URL names the system, and --url overrides it", () => {
  const env = { BASE_URL: "http://127.0.0.1:9000" }
  expect(parse("", env)).toMatchObject({ options: { url: "http://127.0.0.1:9000" } })
  expect(parse("--url http://127.0.0.1:1", env)).toMatchObject({ options: { url: "http://127.0.0.1:1" } })
})

test.each([
  ["--shoppers 0", /from 1 to 1000000/],
  ["--shoppers 1.5", /whole number/],
  ["--stock -1", /whole number/],
  ["--hold 10", /10s or 2m/],
  ["--hold 0s", /from 1s to 60m/],
  ["--hold 61m", /from 1s to 60m/],
  ["--peak 1e3", /whole number/],
  ["--peak 0", /from 1 to 20000/],
  ["--peak 5 --rate 7", /cannot be used with/],
  ["--seed x", /whole number/],
  ["--url ftp://shop", /HTTP address/],
  ["--url http://shop/api", /without a path/],
  ["--sku a", /unknown option '--sku'/],
  ["--json", /argument missing/],
  ["--tokens", /argument missing/],
  ["--admin-token-file admin", /needs --tokens/],
  ["more", /too many arguments/],
])("%s is refused with a reason", (line, reason) => {
  expect(parse(line)).toEqual({ kind: "wrong", message: expect.stringMatching(reason) })
})

test("a BASE_URL that is no address is refused, and the message names it", () => {
  expect(parse("", { BASE_URL: "shop" })).toEqual({ kind: "wrong", message: expect.stringMatching(/^BASE_URL must be/) })
})

test("the help names every option and explains the exit codes", () => {
  const help = parse("--help")
  const text = help.kind === "help" ? help.text : ""
  const options = ["--url", "--shoppers", "--stock", "--hold", "--peak", "--rate", "--seed", "--no-edge", "--json", "--tokens"]
  for (const part of [...options, "--admin-token-file", "Exit code"]) expect(text).toContain(part)
})
