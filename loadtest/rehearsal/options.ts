import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import type { GivenOptions, SaleSize } from "./settings.ts"
import { peakShare, referenceShape as shape } from "./size.ts"

export type Parsed =
  | { readonly kind: "options"; readonly options: GivenOptions }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "wrong"; readonly message: string }

const defaultUrl = "http://127.0.0.1:8080"
/** Every shopper has a token and a story in memory. */
const maxShoppers = 1_000_000
const maxStock = 10_000_000
/** The highest rate at which one generator process still sends on time. */
const maxPeakPerSecond = 20_000
const maxHoldSeconds = 3_600
const maxSeed = 2 ** 32 - 1

/**
 * Reads the command line.
 *
 * @param args without the program's name
 * @param env BASE_URL replaces `--url`
 * @param newSeed the seed if none is given
 */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  newSeed: number,
): Parsed {
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  const command = new Command("rehearse")
    .description(
      "Plays a flash sale with many shoppers against the running system over HTTP, and checks the answers that they receive.",
    )
    .option("--url <url>", `the API (default: BASE_URL, or ${defaultUrl})`, url)
    .option("--shoppers <n>", `number of shoppers (default: ${byPeak(shape.shoppers)})`, integerBetween(1, maxShoppers))
    .option("--stock <n>", `units for sale (default: ${byPeak(shape.stock)})`, integerBetween(0, maxStock))
    .addOption(
      new Option("--hold <time>", "how long a reservation is held for payment, such as 10s or 2m")
        .argParser(holdSeconds)
        .default(20, "20s"),
    )
    .option(
      "--peak <n>",
      `arrivals a second at the peak (default: ${percent(peakShare)} % of what a probe finds that this machine carries, at most ${shape.peakPerSecond}; of a deployed system ${shape.peakPerSecond})`,
      integerBetween(1, maxPeakPerSecond),
    )
    .addOption(
      new Option("--rate <n>", "the earlier name of --peak").argParser(integerBetween(1, maxPeakPerSecond)).conflicts("peak"),
    )
    .addOption(
      new Option("--seed <n>", "a run with the same seed plays the same shoppers")
        .argParser(integerBetween(0, maxSeed))
        .default(newSeed, "a new one for each run"),
    )
    .option("--no-edge", "without the simulated edge: every read of the stock goes to the API")
    .option(
      "--tokens <file>",
      'a deployed system\'s shoppers, logged in: {"sub", "access_token"} a line; leaves the simulated edge away',
    )
    .option("--admin-token-file <file>", "with --tokens: the token that administrates the sale (default: from FLASH_SALE_TOKEN)")
    .option("--json <file>", "also write the report to this file")
    .addHelpText("after", "\nExit code: 0 every check passed, 1 a check failed, 2 wrong usage or no system to rehearse with.")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: say, writeErr: say })
  try {
    command.parse(args, { from: "user" })
    const given = command.opts()
    if (given.adminTokenFile !== undefined && given.tokens === undefined) {
      return { kind: "wrong", message: "--admin-token-file needs --tokens: the local run issues both kinds of tokens itself" }
    }
    return {
      kind: "options",
      options: {
        url: given.url ?? url(env.BASE_URL || defaultUrl),
        size: sizeIn(given),
        holdSeconds: given.hold,
        seed: given.seed,
        edge: given.edge && given.tokens === undefined,
        ...(given.tokens !== undefined && { tokensFile: given.tokens }),
        ...(given.adminTokenFile !== undefined && { adminTokenFile: given.adminTokenFile }),
        ...(given.json !== undefined && { jsonFile: given.json }),
      },
    }
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { kind: "wrong", message: `BASE_URL ${error.message}` }
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? { kind: "help", text: said.join("") } : { kind: "wrong", message: said.join("").trim() }
  }
}

/** The part of the size that was given. */
function sizeIn({ shoppers, stock, peak, rate = peak }: Readonly<Record<string, number | undefined>>): Partial<SaleSize> {
  return {
    ...(shoppers !== undefined && { shoppers }),
    ...(stock !== undefined && { stock }),
    ...(rate !== undefined && { peakPerSecond: rate }),
  }
}

const byPeak = (number: number): string => `${number}; in proportion to the peak if the probe chooses it`
const percent = (share: number): number => Math.round(share * 100)

const integerBetween = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`)
}

function holdSeconds(text: string): number {
  const [, digits = "", unit] = /^(\d+)(s|m)$/.exec(text) ?? []
  const seconds = Number(digits) * (unit === "m" ? 60 : 1)
  if (seconds >= 1 && seconds <= maxHoldSeconds) return seconds
  throw new InvalidArgumentError("must be a time from 1s to 60m, such as 10s or 2m")
}

function url(text: string): string {
  const parsed = URL.parse(text)
  if (parsed && /^https?:$/.test(parsed.protocol) && parsed.pathname === "/" && parsed.search === "") return parsed.origin
  throw new InvalidArgumentError("must be an HTTP address without a path, such as http://127.0.0.1:8080")
}
