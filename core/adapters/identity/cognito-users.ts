import {
  AdminGetUserCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  UserNotFoundException,
} from "@aws-sdk/client-cognito-identity-provider"
import { type NoticeLanguage, noticeLanguages } from "../../domain/notices/notice.ts"
import { isZone } from "../../domain/notices/notice-format.ts"
import type { AddressOf } from "./shoppers.ts"

const timeoutMs = 3_000

/**
 * Reads addresses from Cognito. A user of the pool is found by their `sub`, which is the user id of the sale. Users of a batch
 * seller are in no pool: they have no address here.
 *
 * The shopper's own statements are used as they are: `locale` for the language (`de`, `de-AT`), `zoneinfo` for the zone. An
 * address that was not verified is none: it may belong to somebody else.
 */
export const cognitoAddresses =
  (client: CognitoIdentityProviderClient, userPoolId: string): AddressOf =>
  async (userId) => {
    try {
      const command = new AdminGetUserCommand({ UserPoolId: userPoolId, Username: userId })
      const { UserAttributes, Enabled } = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })
      const value = valuesOf(UserAttributes ?? [])
      const address = value("email")
      if (address === undefined || value("email_verified") !== "true" || Enabled === false) return undefined
      const zone = value("zoneinfo")
      return { address, language: languageOf(value("locale")), ...(isZone(zone) && { zone }) }
    } catch (error) {
      if (error instanceof UserNotFoundException) return undefined
      throw error
    }
  }

const valuesOf = (attributes: readonly AttributeType[]) => (name: string) => attributes.find(({ Name }) => Name === name)?.Value

function languageOf(locale: string | undefined): NoticeLanguage {
  const language = locale?.split(/[-_]/)[0]?.toLowerCase()
  return noticeLanguages.find((one) => one === language) ?? noticeLanguages[0]
}
