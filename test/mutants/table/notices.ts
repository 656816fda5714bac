import { type BrokenPromise, inFile } from "../mutant.ts"

const table = inFile("lib/constructs/notices-table.ts", "notices")
const mail = inFile("lib/constructs/shop-mail.ts", "notices")
const streaming = inFile("lib/stacks/streaming.ts", "notices")

/** Mail to shoppers, and the orders for a warehouse. */
export const noticesMutants: readonly BrokenPromise[] = [
  {
    promise: "a notice is sent by its own function, from its own address",
    mutants: [
      { ...mail, name: "any sender", replace: 'conditions: { StringEquals: { "ses:FromAddress": senderAddress } },', with: "" },
      {
        ...mail,
        name: "any identity",
        replace: 'this.#arn("ses", "identity", senderDomain)',
        with: 'this.#arn("ses", "identity", "*")',
      },
      {
        ...streaming,
        name: "mail-feedback sends, too",
        replace: "feedback }).sentBy(notifier)",
        with: "feedback }).sentBy(feedback)",
      },
    ],
  },
  {
    promise: "nobody who complained gets another mail",
    mutants: [
      {
        ...mail,
        name: "bounces alone",
        replace: "SuppressionReasons.BOUNCES_AND_COMPLAINTS",
        with: "SuppressionReasons.BOUNCES_ONLY",
      },
      { ...mail, name: "complaints are not reported", replace: '["bounce", "complaint"]', with: '["bounce"]' },
      { ...mail, name: "a report is tried once", replace: "retryAttempts: 10", with: "retryAttempts: 0" },
    ],
  },
  {
    promise: "what became of a notice is kept, and no longer than needed",
    mutants: [
      {
        ...table,
        name: "without restore",
        replace: "pointInTimeRecoveryEnabled: stage.retainData",
        with: "pointInTimeRecoveryEnabled: false",
      },
      { ...table, name: "without end", replace: "timeToLiveAttribute: noticeExpiryAttribute,", with: "" },
      { ...table, name: "deleted with its stack", replace: "removalPolicy: removalPolicyOf(stage),", with: "" },
      {
        ...table,
        name: "reports may delete notices",
        replace: 'this.#allow(client, ["dynamodb:UpdateItem"])',
        with: 'this.#allow(client, ["dynamodb:UpdateItem", "dynamodb:DeleteItem"])',
      },
    ],
  },
  {
    promise: "only fulfilment writes the orders of the warehouse",
    mutants: [
      {
        ...streaming,
        name: "the notifier, too",
        replace: 'log.produces(fulfilment, "ordersConfirmed")',
        with: 'for (const one of [fulfilment, this.functions.notifier]) log.produces(one, "ordersConfirmed")',
      },
    ],
  },
]
