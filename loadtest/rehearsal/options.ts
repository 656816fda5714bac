import { Command, CommanderError, InvalidArgumentError, Option } from "commander"

/** The options of a rehearsal. */
export interface RehearsalOptions {
  /** The API's address, without a slash at its end. */
  readonly url: string
  readonly shoppers: number
  readonly stock: number
  readonly holdSeconds: number
  /** Arrivals a second at the peak. */
  readonly peakPerSecond: number
  /** The same seed plays the same shoppers at the same times. */
  readonly seed: number
  /** Shoppers look at the stock through a simulated edge, as in production. Without it every read goes to `url`. */
  readonly edge: boolean
  /** Logins made beforehand. The system is then a deployed one: it has its own edge and does not issue tokens to every client. */
  readonly tokensFile?: string
  readonly adminTokenFile?: string
  /** The file for the report in JSON. */
  readonly jsonFile?: string
}

export type Parsed =
  | { readonly kind: "options"; readonly options: RehearsalOptions }
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
    .option("--shoppers <n>", "number of shoppers", integerBetween(1, maxShoppers), 12_000)
    .option("--stock <n>", "units for sale", integerBetween(0, maxStock), 1_000)
    .addOption(
      new Option("--hold <time>", "how long a reservation is held for payment, such as 10s or 2m")
        .argParser(holdSeconds)
        .default(20, "20s"),
    )
    .option("--rate <n>", "arrivals a second at the peak", integerBetween(1, maxPeakPerSecond), 1_000)
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
        shoppers: given.shoppers,
        stock: given.stock,
        holdSeconds: given.hold,
        peakPerSecond: given.rate,
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
