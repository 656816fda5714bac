import { mutantsOf } from "../mutant.ts"

const rules = mutantsOf("lib/constructs/edge-rules.ts", "edge")
const acl = mutantsOf("lib/constructs/web-acl.ts", "edge")
const distribution = mutantsOf("lib/constructs/distribution.ts", "edge")
const prod = mutantsOf("lib/stages/prod.ts", "edge")

/** Each rule of the firewall: its limit, its window, what it does. */
export const firewall = [
  rules("limits by address in a minute", "in five minutes", "windowSeconds = 60", "windowSeconds = 300"),
  prod("limits by address in a minute", "ten times the reads", "readsPerMinutePerIp: 1_000", "readsPerMinutePerIp: 10_000"),
  prod("limits by address in a minute", "ten times the writes", "writesPerMinutePerIp: 100", "writesPerMinutePerIp: 1_000"),
  rules("limits by address in a minute", "reads are only counted", 'byAddress, read), ...refuse("rate-limited")', "byAddress, read), action: { count: {} }"),
  rules("limits by address in a minute", "writes are only counted", 'byAddress, writeByAddress), ...refuse("rate-limited")', "byAddress, writeByAddress), action: { count: {} }"),
  rules("limits by address in a minute", "the limit of writes looks at reads", "edge.writesPerMinutePerIp, byAddress, writeByAddress", "edge.writesPerMinutePerIp, byAddress, read"),
  rules("limits by address in a minute", "the payment provider is one shopper", "writeByAddress = and(write, not(webhook))", "writeByAddress = write"),
  rules("limits by address in a minute", "over everybody", 'byAddress = { aggregateKeyType: "IP" }', "byAddress = {}"),
  rules("limits by address in a minute", "by a header anyone can set", 'byAddress = { aggregateKeyType: "IP" }', 'byAddress = { aggregateKeyType: "FORWARDED_IP" }'),
  rules("limits by address in a minute", "no word of when to come back", ' && { responseHeaders: [{ name: "retry-after", value: "5" }] }', " && {}"),

  prod("ceilings over everybody", "ten times the reads", "readCeilingPerSecond: 500_000", "readCeilingPerSecond: 5_000_000"),
  prod("ceilings over everybody", "ten times the writes", "writeCeilingPerSecond: 50_000", "writeCeilingPerSecond: 500_000"),
  rules("ceilings over everybody", "a minute takes what a second may", "edge.readCeilingPerSecond * windowSeconds", "edge.readCeilingPerSecond"),
  rules("ceilings over everybody", "reads above it pass", '{}, read), ...refuse("unavailable")', "{}, read), action: { count: {} }"),
  rules("ceilings over everybody", "writes above it pass", '{}, write), ...refuse("unavailable")', "{}, write), action: { count: {} }"),
  rules("ceilings over everybody", "forged calls of the provider take every checkout's place", "{}, webhook)", "{}, page)"),

  rules("fingerprints and bots are named", "no fingerprint", '{ ja4Fingerprint: { fallbackBehavior: "NO_MATCH" } }, ', ""),
  rules("fingerprints and bots are named", "a crowd with one browser is refused", '...tell("suspected", "fingerprint")', '...refuse("rate-limited")'),
  rules("fingerprints and bots are named", "the fingerprint counts reads", "byFingerprint, shopperWrite", "byFingerprint, read"),
  rules("fingerprints and bots are named", "no Bot Control", "...(edge.botControl ? botRules : [])", "...(edge.botControl ? [] : botRules)"),
  prod("fingerprints and bots are named", "no Bot Control in prod", "botControl: true", "botControl: false", "guardrails"),
  rules("fingerprints and bots are named", "common bots only", 'inspectionLevel: "TARGETED", enableMachineLearning: true', 'inspectionLevel: "COMMON"'),
  rules("fingerprints and bots are named", "suspects have no name", '...tell("suspected", "bot")', "action: { count: {} }"),
  rules("fingerprints and bots are named", "who has not read the page has no name", '...tell("visit", "none")', "action: { count: {} }"),
  rules("fingerprints and bots are named", "nobody has read the page", "statement: and(shopperWrite, withoutVisit)", "statement: shopperWrite"),
  distribution("fingerprints and bots are named", "the origin sees no fingerprint", "allowList(clientHeaders.fingerprint, clientHeaders.address)", "allowList(clientHeaders.address)"),
  distribution("fingerprints and bots are named", "the fingerprint is missing where units are asked for", "cachePolicy: this.#fingerprint(stage) }", "cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED }"),
  rules("fingerprints and bots are named", "known bad addresses pass", 'managed("AWSManagedRulesAmazonIpReputationList"), overrideAction: { none: {} }', 'managed("AWSManagedRulesAmazonIpReputationList"), overrideAction: { count: {} }'),

  rules("labels cannot be forged", "they pass", "    action: { block: {} },\n", "    action: { count: {} },\n"),
  rules("labels cannot be forged", "in other letters", "textTransformations: lowercase", "textTransformations: noTransformation"),
  rules("labels cannot be forged", "only where they are values", 'matchScope: "KEY"', 'matchScope: "VALUE"'),
  rules("labels cannot be forged", "behind many other headers", 'oversizeHandling: "MATCH"', 'oversizeHandling: "NO_MATCH"'),
  distribution("labels cannot be forged", "the origin does not see them", "OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER", "OriginRequestPolicy.CORS_CUSTOM_ORIGIN"),

  rules("the page is challenged, no API call is", "nothing is", "    action: { challenge: {} },\n", "    action: { count: {} },\n"),
  rules("the page is challenged, no API call is", "API reads are", 'path("/index.html", "EXACTLY"))', 'path("/index.html", "EXACTLY"), path("/v1/", "STARTS_WITH"))'),
  rules("the page is challenged, no API call is", "writes are", '...refuse("no-token")', "action: { challenge: {} }"),
  rules("the page is challenged, no API call is", "Bot Control puzzles a write", '  "TGT_VolumetricSession",\n', ""),
  rules("the page is challenged, no API call is", "a refusal looks like a place in the line", "status: 403", "status: 202"),
  rules("the page is challenged, no API call is", "a bad token will do", ', label("awswaf:managed:token:rejected")', ""),
  rules("the page is challenged, no API call is", "partners need a browser", "statement: and(shopperWrite, or(label", "statement: and(write, or(label"),
  rules("the page is challenged, no API call is", "asked again within the sale", "challengeSeconds = 3_600", "challengeSeconds = 300"),

  acl("the firewall is in front of everything", "it is a region's", 'scope: "CLOUDFRONT"', 'scope: "REGIONAL"'),
  acl("the firewall is in front of everything", "everybody is refused", "defaultAction: { allow: {} }", "defaultAction: { block: {} }"),
  distribution("the firewall is in front of everything", "it is in front of nothing", "      webAclId: props.webAclArn,\n", ""),
  acl("requests leave a trace", "what was refused is not logged", 'ActionCondition: { Action: "BLOCK" }', 'ActionCondition: { Action: "COUNT" }'),
  acl("requests leave a trace", "tokens are logged", '{ singleHeader: { Name: "authorization" } }, ', ""),
]
