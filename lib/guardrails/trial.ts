import type { StageConfig } from "../config.ts"
import { type Guardrail, plain, when } from "./finding.ts"

/**
 * The guardrails that do not apply to a trial, each with its reason. All others hold for it as for any stage. A test shows that
 * the stage `try` needs each of them, so that none stays that nobody needs.
 */
export const notForTrials = {
  brokersCarryCopies:
    "MSK takes two zones at the fewest. Each record is on both brokers before it is acknowledged, so that none is lost; while one broker restarts, no record is accepted.",
  databaseSurvives: "A trial sells nothing: if its zone fails, it is removed and deployed again.",
  cacheFailsOver:
    "The cache decides nothing and is filled again from the database. A trial can wait until a lost node is replaced.",
} as const

/** A trial may lose what others must keep: so it has nothing that anybody would miss. */
export const trialsSellNothing: Guardrail = ({ trial, sales, retainData, disasterRecovery, pagers, pipeline }) => {
  const has = [
    sales.length > 0 && `${plain(sales.length)} sales`,
    retainData && "data that it keeps",
    disasterRecovery !== undefined && "a second region",
    pagers !== undefined && "a pager",
    pipeline !== undefined && "a pipeline",
  ].filter((part) => part !== false)
  return when(trial === true && has.length > 0, () => ({
    found: `The stage is a trial, and has ${has.join(", ")}.`,
    allowed: "none of these: guardrails on lost zones do not apply to a trial (lib/guardrails/trial.ts).",
    fix: "Remove them, or remove `trial` and give the stage what the guardrails then ask for.",
  }))
}

/** One instance in place of gateways and endpoints, and mappings that react within minutes, are for trials only. */
export const onlyTrialsSave: Guardrail = ({ trial, network, eventDelivery }: StageConfig) => [
  ...when(trial !== true && network.natInstance !== undefined, () => ({
    found: `One ${network.natInstance} is the only way to the services of AWS.`,
    allowed: "only in a trial: while it restarts, functions read no secret and nobody pays.",
    fix: "Remove `network.natInstance`.",
  })),
  ...when(trial !== true && eventDelivery !== "provisioned", () => ({
    found: "Mappings without pollers of their own read Kafka.",
    allowed: "only in a trial: Lambda adds pollers within minutes, and a sale is over in half a minute.",
    fix: 'Set `eventDelivery` to "provisioned".',
  })),
]
