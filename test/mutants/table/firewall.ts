import { type BrokenPromise, inFile } from "../mutant.ts"

const rules = inFile("lib/constructs/edge-rules.ts", "edge")
const acl = inFile("lib/constructs/web-acl.ts", "edge")
const distribution = inFile("lib/constructs/distribution.ts", "edge")
const prod = inFile("lib/stages/prod.ts", "edge")

/** Each rule of the firewall: its limit, its window, its action. */
export const firewallMutants: readonly BrokenPromise[] = [
  {
    promise: "limits by address in a minute",
    mutants: [
      { ...rules, name: "in five minutes", replace: "windowSeconds = 60", with: "windowSeconds = 300" },
      { ...prod, name: "ten times the reads", replace: "readsPerMinutePerIp: 1_000", with: "readsPerMinutePerIp: 10_000" },
      { ...prod, name: "ten times the writes", replace: "writesPerMinutePerIp: 100", with: "writesPerMinutePerIp: 1_000" },
      {
        ...rules,
        name: "reads are only counted",
        replace: 'byAddress, read), ...refuse("rate-limited")',
        with: "byAddress, read), action: { count: {} }",
      },
      {
        ...rules,
        name: "writes are only counted",
        replace: 'byAddress, writeByAddress), ...refuse("rate-limited")',
        with: "byAddress, writeByAddress), action: { count: {} }",
      },
      {
        ...rules,
        name: "the limit of writes looks at reads",
        replace: "edge.writesPerMinutePerIp, byAddress, writeByAddress",
        with: "edge.writesPerMinutePerIp, byAddress, read",
      },
      {
        ...rules,
        name: "the payment provider is one shopper",
        replace: "writeByAddress = and(write, not(webhook))",
        with: "writeByAddress = write",
      },
      { ...rules, name: "over everybody", replace: 'byAddress = { aggregateKeyType: "IP" }', with: "byAddress = {}" },
      {
        ...rules,
        name: "by a header anyone can set",
        replace: 'byAddress = { aggregateKeyType: "IP" }',
        with: 'byAddress = { aggregateKeyType: "FORWARDED_IP" }',
      },
      {
        ...rules,
        name: "no word of when to come back",
        replace: ' && { responseHeaders: [{ name: "retry-after", value: "5" }] }',
        with: " && {}",
      },
    ],
  },
  {
    promise: "ceilings over everybody",
    mutants: [
      { ...prod, name: "ten times the reads", replace: "readCeilingPerSecond: 500_000", with: "readCeilingPerSecond: 5_000_000" },
      { ...prod, name: "ten times the writes", replace: "writeCeilingPerSecond: 50_000", with: "writeCeilingPerSecond: 500_000" },
      {
        ...rules,
        name: "a minute takes what a second may",
        replace: "edge.readCeilingPerSecond * windowSeconds",
        with: "edge.readCeilingPerSecond",
      },
      {
        ...rules,
        name: "reads above it pass",
        replace: '{}, read), ...refuse("unavailable")',
        with: "{}, read), action: { count: {} }",
      },
      {
        ...rules,
        name: "writes above it pass",
        replace: '{}, write), ...refuse("unavailable")',
        with: "{}, write), action: { count: {} }",
      },
      { ...rules, name: "forged calls of the provider take every checkout's place", replace: "{}, webhook)", with: "{}, page)" },
    ],
  },
  {
    promise: "fingerprints and bots are named",
    mutants: [
      { ...rules, name: "no fingerprint", replace: '{ ja4Fingerprint: { fallbackBehavior: "NO_MATCH" } }, ', with: "" },
      {
        ...rules,
        name: "a crowd with one browser is refused",
        replace: '...flag("suspected", "fingerprint")',
        with: '...refuse("rate-limited")',
      },
      { ...rules, name: "the fingerprint counts reads", replace: "byFingerprint, shopperWrite", with: "byFingerprint, read" },
      {
        ...rules,
        name: "no Bot Control",
        replace: "...(edge.botControl ? botRules : [])",
        with: "...(edge.botControl ? [] : botRules)",
      },
      { ...prod, killedBy: "guardrails", name: "no Bot Control in prod", replace: "botControl: true", with: "botControl: false" },
      {
        ...rules,
        name: "common bots only",
        replace: 'inspectionLevel: "TARGETED", enableMachineLearning: true',
        with: 'inspectionLevel: "COMMON"',
      },
      { ...rules, name: "suspects have no name", replace: '...flag("suspected", "bot")', with: "action: { count: {} }" },
      {
        ...rules,
        name: "who has not read the page has no name",
        replace: '...flag("visit", "none")',
        with: "action: { count: {} }",
      },
      {
        ...rules,
        name: "nobody has read the page",
        replace: "statement: and(shopperWrite, withoutVisit)",
        with: "statement: shopperWrite",
      },
      {
        ...distribution,
        name: "the origin sees no fingerprint",
        replace: "allowList(clientHeaders.fingerprint, clientHeaders.address)",
        with: "allowList(clientHeaders.address)",
      },
      {
        ...distribution,
        name: "the fingerprint is missing where units are asked for",
        replace: "cachePolicy: this.#fingerprint(stage) }",
        with: "cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED }",
      },
      {
        ...rules,
        name: "known bad addresses pass",
        replace: 'managed("AWSManagedRulesAmazonIpReputationList"), overrideAction: { none: {} }',
        with: 'managed("AWSManagedRulesAmazonIpReputationList"), overrideAction: { count: {} }',
      },
    ],
  },
  {
    promise: "labels cannot be forged",
    mutants: [
      { ...rules, name: "they pass", replace: "    action: { block: {} },\n", with: "    action: { count: {} },\n" },
      {
        ...rules,
        name: "in other letters",
        replace: "textTransformations: lowercase",
        with: "textTransformations: noTransformation",
      },
      { ...rules, name: "only where they are values", replace: 'matchScope: "KEY"', with: 'matchScope: "VALUE"' },
      { ...rules, name: "behind many other headers", replace: 'oversizeHandling: "MATCH"', with: 'oversizeHandling: "NO_MATCH"' },
      {
        ...distribution,
        name: "the origin does not see them",
        replace: "OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER",
        with: "OriginRequestPolicy.CORS_CUSTOM_ORIGIN",
      },
    ],
  },
  {
    promise: "the page is challenged, no API call is",
    mutants: [
      { ...rules, name: "nothing is", replace: "    action: { challenge: {} },\n", with: "    action: { count: {} },\n" },
      {
        ...rules,
        name: "API reads are",
        replace: 'path("/index.html", "EXACTLY"))',
        with: 'path("/index.html", "EXACTLY"), path("/v1/", "STARTS_WITH"))',
      },
      { ...rules, name: "writes are", replace: '...refuse("no-token")', with: "action: { challenge: {} }" },
      { ...rules, name: "Bot Control puzzles a write", replace: '  "TGT_VolumetricSession",\n', with: "" },
      { ...rules, name: "a refusal looks like a place in the line", replace: "status: 403", with: "status: 202" },
      { ...rules, name: "a bad token will do", replace: ', label("awswaf:managed:token:rejected")', with: "" },
      {
        ...rules,
        name: "partners need a browser",
        replace: "statement: and(shopperWrite, or(label",
        with: "statement: and(write, or(label",
      },
      { ...rules, name: "asked again within the sale", replace: "challengeSeconds = 3_600", with: "challengeSeconds = 300" },
    ],
  },
  {
    promise: "the firewall is in front of everything",
    mutants: [
      { ...acl, name: "it is a region's", replace: 'scope: "CLOUDFRONT"', with: 'scope: "REGIONAL"' },
      { ...acl, name: "everybody is refused", replace: "defaultAction: { allow: {} }", with: "defaultAction: { block: {} }" },
      { ...distribution, name: "it is in front of nothing", replace: "      webAclId: props.webAclArn,\n", with: "" },
    ],
  },
  {
    promise: "requests leave a trace",
    mutants: [
      {
        ...acl,
        name: "what was refused is not logged",
        replace: 'ActionCondition: { Action: "BLOCK" }',
        with: 'ActionCondition: { Action: "COUNT" }',
      },
      { ...acl, name: "tokens are logged", replace: '{ singleHeader: { Name: "authorization" } }, ', with: "" },
    ],
  },
]
