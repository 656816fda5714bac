/** `npm run token -- --user alice`: prints an access token of the local issuer, and nothing else. */
import { Command, InvalidArgumentError } from "commander"
import { tokenAudience, tokenIssuer } from "./environment.ts"
import { defaultTokenSeconds, openIssuer } from "./identity/issuer.ts"
import { Tier, tierChoices } from "./identity/tier.ts"
import { defaultStateDir } from "./services/state-folder.ts"

const wholeNumber =
  (lowest: number, highest: number) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= lowest && value <= highest) return value
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`)
  }

/** The shell gives a number as text. @throws InvalidArgumentError */
function tierOf(text: string): number {
  const tier = Tier.safeParse(/^\d+$/.test(text) ? Number(text) : text)
  if (tier.success) return tier.data
  throw new InvalidArgumentError(`It must be ${tierChoices}.`)
}

const maxTokenSeconds = 7 * 24 * 3_600

interface Options {
  readonly user: string
  readonly scope?: readonly string[]
  readonly tier?: number
  readonly seconds: number
}

const { user, scope, tier, seconds } = new Command("npm run token --")
  .description("Prints an access token of the local issuer.")
  .requiredOption("--user <name>", "the user that the token names (its subject)")
  .option("--scope <scope...>", "what the token allows: sales:admin, reservations:batch")
  .option("--tier <tier>", "1 suspected, 2 new, 3 verified, 4 premium: the number or the name", tierOf)
  .option("--seconds <number>", "how long the token is valid", wholeNumber(1, maxTokenSeconds), defaultTokenSeconds)
  .parse()
  .opts<Options>()

// The key in the state folder signs it, so that it is valid for every port of the gateway and before the gateway runs.
const issuer = await openIssuer({
  stateDir: process.env.LOCAL_STATE_DIR ?? defaultStateDir,
  issuer: tokenIssuer,
  audience: tokenAudience,
})
console.log(await issuer.sign({ sub: user, scope: scope?.join(" "), tier, expiresInSeconds: seconds }))
