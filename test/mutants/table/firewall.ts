import { type BrokenPromise, inFile } from "../mutant.ts"

const rules = inFile("lib/constructs/edge-rules.ts", "edge")
const acl = inFile("lib/constructs/web-acl.ts", "edge")
const distribution = inFile("lib/constructs/distribution.ts", "edge")
const passedHeaders = inFile("lib/constructs/passed-headers.ts", "passed-headers")
const spelling = inFile("lib/constructs/edge-rules.ts", "path-spellings")
const prod = inFile("lib/stages/prod.ts", "edge")

/** Each rule of the firewall: its limit, its window, its action. */
export const firewallMutants: readonly BrokenPromise[] = [
  {
    promise: "limits by address in a minute",
    mutants: [
      { ...rules, name: "the window is five minutes", replace: "windowSeconds = 60", with: "windowSeconds = 300" },
      { ...prod, name: "ten times the reads", replace: "readsPerMinutePerIp: 1_000", with: "readsPerMinutePerIp: 10_000" },
      { ...prod, name: "ten times the writes", replace: "writesPerMinutePerIp: 100", with: "writesPerMinutePerIp: 1_000" },
      {
        ...rules,
        name: "reads are only counted",
        replace: 'statement: readsPerAddress(edge), ...refuse("rate-limited")',
        with: "statement: readsPerAddress(edge), action: { count: {} }",
      },
      {
        ...rules,
        name: "writes are only counted",
        replace: 'byAddress, writeByAddress), ...refuse("rate-limited")',
        with: "byAddress, writeByAddress), action: { count: {} }",
      },
      {
        ...rules,
        name: "the limit of writes counts reads",
        replace: "edge.writesPerMinutePerIp, byAddress, writeByAddress",
        with: "edge.writesPerMinutePerIp, byAddress, read",
      },
      {
        ...rules,
        name: "the payment provider is limited like a shopper",
        replace: "writeByAddress = and(write, not(webhook))",
        with: "writeByAddress = write",
      },
      {
        ...rules,
        name: "one limit for all addresses",
        replace: 'byAddress = { aggregateKeyType: "IP" }',
        with: "byAddress = {}",
      },
      {
        ...rules,
        name: "the address is a header that clients can set",
        replace: 'byAddress = { aggregateKeyType: "IP" }',
        with: 'byAddress = { aggregateKeyType: "FORWARDED_IP" }',
      },
      {
        ...rules,
        name: "no Retry-After",
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
        name: "the limit of a second applies to a minute",
        replace: "edge.readCeilingPerSecond * windowSeconds",
        with: "edge.readCeilingPerSecond",
      },
      {
        ...rules,
        name: "reads above it pass",
        replace: 'statement: readCeiling(edge), ...refuse("unavailable")',
        with: "statement: readCeiling(edge), action: { count: {} }",
      },
      {
        ...rules,
        name: "writes above it pass",
        replace: '{}, write), ...refuse("unavailable")',
        with: "{}, write), action: { count: {} }",
      },
      { ...rules, name: "the ceiling of the webhook does not count its calls", replace: "{}, webhook)", with: "{}, page)" },
    ],
  },
  {
    promise: "fingerprints and bots are flagged",
    mutants: [
      { ...rules, name: "no fingerprint", replace: '{ ja4Fingerprint: { fallbackBehavior: "NO_MATCH" } }, ', with: "" },
      {
        ...rules,
        name: "a crowd with one browser is refused",
        replace: '...flag("suspected", "fingerprint")',
        with: '...refuse("rate-limited")',
      },
      {
        ...rules,
        name: "the fingerprint's limit counts reads",
        replace: "byFingerprint, shopperWrite",
        with: "byFingerprint, read",
      },
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
      { ...rules, name: "bots are not flagged", replace: '...flag("suspected", "bot")', with: "action: { count: {} }" },
      {
        ...rules,
        name: "writes without a visit are not flagged",
        replace: '...flag("visit", "none")',
        with: "action: { count: {} }",
      },
      {
        ...rules,
        name: "every write is flagged as without a visit",
        replace: "statement: and(shopperWrite, withoutVisit)",
        with: "statement: shopperWrite",
      },
      {
        ...passedHeaders,
        name: "the origin sees no fingerprint",
        replace: '    "CloudFront-Viewer-JA4-Fingerprint",\n',
        with: "",
      },
      {
        ...distribution,
        name: "the fingerprint is missing on POST /v1/reservations",
        replace: "{ ...passing, ...this.#reservation(stage) }",
        with: "{ ...passing, cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED }",
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
    promise: "CloudFront passes on what the API reads",
    mutants: [
      {
        ...passedHeaders,
        name: "the address is in the cache key, where CloudFront refuses it",
        replace: 'key: ["authorization", ',
        with: 'key: ["authorization", "CloudFront-Viewer-Address", ',
      },
      { ...passedHeaders, name: "no token", replace: 'key: ["authorization", ', with: "key: [" },
      { ...passedHeaders, name: "a header that the API reads is dropped", replace: '    "sec-ch-ua",\n', with: "" },
      {
        ...passedHeaders,
        name: "more headers than CloudFront takes",
        replace: '    "traceparent",\n',
        with: '    "traceparent",\n    "x-one-more",\n',
      },
    ],
  },
  {
    promise: "every spelling of a path meets the same rules",
    mutants: [
      {
        ...spelling,
        name: "paths are compared as the client wrote them",
        replace: "    textTransformations: asApiSeesIt,\n",
        with: "    textTransformations: noTransformation,\n",
      },
      { ...spelling, name: "dot segments stay", replace: '  { priority: 1, type: "NORMALIZE_PATH" },\n', with: "" },
      { ...spelling, name: "encoded characters stay", replace: '  { priority: 0, type: "URL_DECODE" },\n', with: "" },
      { ...spelling, name: "encoded paths pass", replace: 'oddPath = "%|//|', with: 'oddPath = "//|' },
      { ...spelling, name: "empty segments pass", replace: 'oddPath = "%|//|', with: 'oddPath = "%|' },
      { ...spelling, name: "odd paths are only counted", replace: '...refuse("odd-path")', with: "action: { count: {} }" },
    ],
  },
  {
    promise: "labels cannot be forged",
    mutants: [
      { ...rules, name: "forged labels pass", replace: "    action: { block: {} },\n", with: "    action: { count: {} },\n" },
      {
        ...rules,
        name: "labels in capitals pass",
        replace: "textTransformations: lowercase",
        with: "textTransformations: noTransformation",
      },
      { ...rules, name: "header values are checked instead of names", replace: 'matchScope: "KEY"', with: 'matchScope: "VALUE"' },
      {
        ...rules,
        name: "labels behind many headers pass",
        replace: 'oversizeHandling: "MATCH"',
        with: 'oversizeHandling: "NO_MATCH"',
      },
      {
        ...distribution,
        name: "the origin does not see them",
        replace: "OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER",
        with: "OriginRequestPolicy.CORS_CUSTOM_ORIGIN",
      },
    ],
  },
  {
    promise: "the page is challenged, API calls are not",
    mutants: [
      {
        ...rules,
        name: "nothing is challenged",
        replace: "    action: { challenge: {} },\n",
        with: "    action: { count: {} },\n",
      },
      {
        ...rules,
        name: "API reads are challenged",
        replace: "or(...entrances)",
        with: 'or(...entrances, path("/v1/", "STARTS_WITH"))',
      },
      {
        ...rules,
        killedBy: "page",
        name: "deep links are not challenged",
        replace: 'path(entrance.slice(0, -1), "STARTS_WITH")',
        with: 'path(entrance, "EXACTLY")',
      },
      {
        ...rules,
        killedBy: "page",
        name: "people at the page's entrances get JSON",
        replace: "...busyPageRules(edge),",
        with: "",
      },
      {
        ...rules,
        killedBy: "page",
        name: "the page for busy times replaces answers of the API",
        replace: "statement: and(page, label(beyond.address))",
        with: "statement: and(read, label(beyond.address))",
      },
      { ...rules, name: "writes are challenged", replace: '...refuse("no-token")', with: "action: { challenge: {} }" },
      { ...rules, name: "Bot Control answers a write with a puzzle", replace: '  "TGT_VolumetricSession",\n', with: "" },
      { ...rules, name: "a refusal has the status of a queued request", replace: "status: 403", with: "status: 202" },
      { ...rules, name: "a rejected token passes", replace: ', label("awswaf:managed:token:rejected")', with: "" },
      {
        ...rules,
        name: "partners need a browser",
        replace: "statement: and(shopperWrite, or(label",
        with: "statement: and(write, or(label",
      },
      {
        ...rules,
        name: "the challenge repeats within the sale",
        replace: "challengeSeconds = 3_600",
        with: "challengeSeconds = 300",
      },
    ],
  },
  {
    promise: "the firewall is in front of everything",
    mutants: [
      { ...acl, name: "the scope is regional", replace: 'scope: "CLOUDFRONT"', with: 'scope: "REGIONAL"' },
      { ...acl, name: "every request is refused", replace: "defaultAction: { allow: {} }", with: "defaultAction: { block: {} }" },
      { ...distribution, name: "it is not attached to CloudFront", replace: "      webAclId: props.webAclArn,\n", with: "" },
    ],
  },
  {
    promise: "requests are logged and traced",
    mutants: [
      {
        ...acl,
        name: "refusals are not logged",
        replace: 'ActionCondition: { Action: "BLOCK" }',
        with: 'ActionCondition: { Action: "COUNT" }',
      },
      { ...acl, name: "tokens are logged", replace: '{ singleHeader: { Name: "authorization" } }, ', with: "" },
    ],
  },
]
