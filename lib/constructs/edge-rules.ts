import type { CfnWebACL } from "aws-cdk-lib/aws-wafv2"
import { wafHeaderPrefix } from "../../core/contracts/http/client-headers.ts"
import { pageEntrances } from "../../core/contracts/http/page.ts"
import { webhooksPerCheckout } from "../capacity/demand.ts"
import type { StageConfig } from "../config.ts"

type Statement = CfnWebACL.StatementProperty
type Rule = Omit<CfnWebACL.RuleProperty, "priority" | "visibilityConfig">

/** All limits count over the last minute, the shortest useful window. */
export const windowSeconds = 60
/**
 * One TLS fingerprint in one network is flagged when it writes more than this many addresses may. A carrier's crowd writes
 * less.
 */
const addressesPerFingerprint = 50
/** How long a solved challenge is valid: from before the opening until after the sale. */
const challengeSeconds = 3_600
/** Factor over the expected calls of the provider, which repeats some. */
const webhookReserve = 2

const noTransformation = [{ priority: 0, type: "NONE" }]
const lowercase = [{ priority: 0, type: "LOWERCASE" }]
/**
 * WAF sees a path as the client wrote it, and API Gateway decodes it before it looks for the route (payload format 2.0). So WAF
 * compares what the API will see: `/v1/%72eservations` and `/v1/admin/../reservations` are `/v1/reservations`.
 */
const asApiSeesIt = [
  { priority: 0, type: "URL_DECODE" },
  { priority: 1, type: "NORMALIZE_PATH" },
]
/**
 * A path that could be written in another way: with an encoded character, an empty segment, a dot segment or a backslash. No path
 * of the API or of the page has one. The two transformations are a second defence, for a spelling that nobody thought of.
 */
export const oddPath = "%|//|/[.]{1,2}(/|$)|\\\\"

const method = (searchString: string): Statement => ({
  byteMatchStatement: {
    searchString,
    fieldToMatch: { method: {} },
    positionalConstraint: "EXACTLY",
    textTransformations: noTransformation,
  },
})
const path = (searchString: string, positionalConstraint: "EXACTLY" | "STARTS_WITH"): Statement => ({
  byteMatchStatement: {
    searchString,
    fieldToMatch: { uriPath: {} },
    positionalConstraint,
    textTransformations: asApiSeesIt,
  },
})
const not = (statement: Statement): Statement => ({ notStatement: { statement } })
const and = (...statements: Statement[]): Statement => ({ andStatement: { statements } })
const or = (...statements: Statement[]): Statement => ({ orStatement: { statements } })
const label = (key: string, scope: "LABEL" | "NAMESPACE" = "LABEL"): Statement => ({ labelMatchStatement: { key, scope } })

const webhook = path("/v1/payments/webhook", "EXACTLY")
const read = or(method("GET"), method("HEAD"), method("OPTIONS"))
const write = not(read)
/** Programs of partners, the team and the payment provider cannot solve a challenge. They authenticate by other means. */
const byProgram = or(path("/v1/reservations/batch", "EXACTLY"), path("/v1/admin/", "STARTS_WITH"), webhook)
/** The provider makes the calls for all shoppers from a few addresses. */
const writeByAddress = and(write, not(webhook))
const shopperWrite = and(write, not(byProgram))
/** The cookie of a solved challenge. Only Bot Control checks its value: this statement does not detect a copied cookie. */
const withoutVisit = not({
  byteMatchStatement: {
    searchString: "aws-waf-token=",
    fieldToMatch: { singleHeader: { Name: "cookie" } },
    positionalConstraint: "CONTAINS",
    textTransformations: noTransformation,
  },
})
/** Every entrance of the page, deep links too: the token that a write needs is given there. */
const entrances = pageEntrances.map((entrance) =>
  entrance.endsWith("*") ? path(entrance.slice(0, -1), "STARTS_WITH") : path(entrance, "EXACTLY"),
)
const page = and(method("GET"), or(...entrances))

/** The answers of the edge, in the words of core/contracts/problems.ts. */
export const edgeAnswers = {
  "rate-limited": { type: "/problems/rate-limited", title: "Too many requests", status: 429 },
  unavailable: { type: "/problems/temporarily-unavailable", title: "Temporarily unavailable", status: 503 },
  "odd-path": { type: "/problems/not-found", title: "There is nothing here", status: 404 },
  "no-token": { type: "/problems/insufficient-scope", title: "Reserve from the page of the sale", status: 403 },
} as const

const isTemporary = (answer: keyof typeof edgeAnswers): boolean => answer === "rate-limited" || answer === "unavailable"

const refuse = (answer: keyof typeof edgeAnswers): Pick<Rule, "action"> => ({
  action: {
    block: {
      customResponse: {
        responseCode: edgeAnswers[answer].status,
        customResponseBodyKey: answer,
        ...(isTemporary(answer) && { responseHeaders: [{ name: "retry-after", value: "5" }] }),
      },
    },
  },
})
/** The key of the page that says that too many people are here (web/busy.html). */
export const busyPage = "busy-page"
const showBusy = (responseCode: 429 | 503): Pick<Rule, "action"> => ({
  action: {
    block: {
      customResponse: {
        responseCode,
        customResponseBodyKey: busyPage,
        responseHeaders: [
          { name: "retry-after", value: "5" },
          { name: "cache-control", value: "no-store" },
        ],
      },
    },
  },
})
/**
 * Lets a request pass, with a header for the origin (core/contracts/http/client-headers.ts). WAF adds the prefix `x-amzn-waf-`.
 */
const flag = (name: string, value: string): Pick<Rule, "action"> => ({
  action: { count: { customRequestHandling: { insertHeaders: [{ name, value }] } } },
})

const limit = (
  perWindow: number,
  by: Partial<CfnWebACL.RateBasedStatementProperty>,
  scopeDownStatement: Statement,
): Statement => ({
  rateBasedStatement: {
    limit: perWindow,
    evaluationWindowSec: windowSeconds,
    aggregateKeyType: "CONSTANT",
    scopeDownStatement,
    ...by,
  },
})
const byAddress = { aggregateKeyType: "IP" }
/** Everyone with the same browser shares a fingerprint. Together with the network it separates a rented fleet from a crowd. */
const byFingerprint = {
  aggregateKeyType: "CUSTOM_KEYS",
  customKeys: [{ ja4Fingerprint: { fallbackBehavior: "NO_MATCH" } }, { asn: {} }],
}

const managed = (name: string, more: Partial<CfnWebACL.ManagedRuleGroupStatementProperty> = {}): Statement => ({
  managedRuleGroupStatement: { vendorName: "AWS", name, ...more },
})

/**
 * Bot Control answers flagged clients with puzzles, which an API call cannot solve. Their 202 would look like a queued request.
 */
const puzzles = [
  "TGT_VolumetricIpTokenAbsent",
  "TGT_VolumetricSession",
  "TGT_VolumetricSessionMaximum",
  "TGT_SignalAutomatedBrowser",
  "TGT_SignalBrowserAutomationExtension",
  "TGT_SignalBrowserInconsistency",
]

const botRules: readonly Rule[] = [
  {
    name: "BotControl",
    statement: managed("AWSManagedRulesBotControlRuleSet", {
      managedRuleGroupConfigs: [
        { awsManagedRulesBotControlRuleSet: { inspectionLevel: "TARGETED", enableMachineLearning: true } },
      ],
      ruleActionOverrides: puzzles.map((name) => ({ name, actionToUse: { count: {} } })),
      scopeDownStatement: or(shopperWrite, page),
    }),
    overrideAction: { none: {} },
  },
  {
    name: "SuspectsAreNamed",
    statement: or(
      label("awswaf:managed:aws:bot-control:signal:", "NAMESPACE"),
      label("awswaf:managed:aws:bot-control:targeted:aggregate:", "NAMESPACE"),
    ),
    ...flag("suspected", "bot"),
  },
  {
    name: "WritesNeedToken",
    statement: and(shopperWrite, or(label("awswaf:managed:token:absent"), label("awswaf:managed:token:rejected"))),
    ...refuse("no-token"),
  },
]

type Limits = StageConfig["edge"]
const readsPerAddress = (edge: Limits) => limit(edge.readsPerMinutePerIp, byAddress, read)
const readCeiling = (edge: Limits) => limit(edge.readCeilingPerSecond * windowSeconds, {}, read)

/** The labels of reads beyond a limit, which the next rules read. */
const beyond = { address: "reads:beyond-address", ceiling: "reads:beyond-ceiling" } as const

/**
 * A person who is refused at an entrance of the page reads a page, not JSON. A rule that limits a rate has one answer for all its
 * requests. So the same limits are counted once more before it, and label the requests beyond them.
 */
const busyPageRules = (edge: Limits): readonly Rule[] => [
  {
    name: "NoteReadsPerAddress",
    statement: readsPerAddress(edge),
    action: { count: {} },
    ruleLabels: [{ name: beyond.address }],
  },
  { name: "NoteReadCeiling", statement: readCeiling(edge), action: { count: {} }, ruleLabels: [{ name: beyond.ceiling }] },
  { name: "PagePerAddress", statement: and(page, label(beyond.address)), ...showBusy(429) },
  { name: "PageCeiling", statement: and(page, label(beyond.ceiling)), ...showBusy(503) },
]

/**
 * The rules of the edge, in their order. Rules about the content of requests are missing on purpose: our own parser answers bad
 * input, with the same messages as locally.
 */
export const edgeRules = ({ edge, capacity }: Pick<StageConfig, "edge" | "capacity">): readonly Rule[] => [
  {
    // Only WAF itself may set these headers, because the origin trusts them.
    name: "NoForgedLabels",
    statement: {
      byteMatchStatement: {
        searchString: wafHeaderPrefix,
        fieldToMatch: { headers: { matchPattern: { all: {} }, matchScope: "KEY", oversizeHandling: "MATCH" } },
        positionalConstraint: "CONTAINS",
        textTransformations: lowercase,
      },
    },
    action: { block: {} },
  },
  {
    // 404, as the API answers a path that is not in normal form.
    name: "OddPaths",
    statement: {
      regexMatchStatement: {
        regexString: oddPath,
        fieldToMatch: { uriPath: {} },
        textTransformations: noTransformation,
      },
    },
    ...refuse("odd-path"),
  },
  { name: "BadAddresses", statement: managed("AWSManagedRulesAmazonIpReputationList"), overrideAction: { none: {} } },
  ...busyPageRules(edge),
  { name: "ReadsPerAddress", statement: readsPerAddress(edge), ...refuse("rate-limited") },
  { name: "WritesPerAddress", statement: limit(edge.writesPerMinutePerIp, byAddress, writeByAddress), ...refuse("rate-limited") },
  {
    name: "WritesPerFingerprint",
    statement: limit(edge.writesPerMinutePerIp * addressesPerFingerprint, byFingerprint, shopperWrite),
    ...flag("suspected", "fingerprint"),
  },
  { name: "WritesWithoutVisit", statement: and(shopperWrite, withoutVisit), ...flag("visit", "none") },
  { name: "ReadCeiling", statement: readCeiling(edge), ...refuse("unavailable") },
  { name: "WriteCeiling", statement: limit(edge.writeCeilingPerSecond * windowSeconds, {}, write), ...refuse("unavailable") },
  {
    // Forged calls must not use the capacity of checkouts. If calls of the provider are refused, we ask the provider later.
    name: "WebhookCeiling",
    statement: limit(capacity.checkoutsPerSecond * webhooksPerCheckout * webhookReserve * windowSeconds, {}, webhook),
    ...refuse("unavailable"),
  },
  ...(edge.botControl ? botRules : []),
  {
    name: "PageIsChallenged",
    statement: page,
    action: { challenge: {} },
    challengeConfig: { immunityTimeProperty: { immunityTime: challengeSeconds } },
  },
]
