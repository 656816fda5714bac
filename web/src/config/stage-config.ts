/**
 * What a stage tells the page: `/config.json`, written by CDK on AWS and by the gateway locally. The page fetches it at its
 * start, so that one build serves every stage. It holds nothing secret.
 */
export interface StageConfig {
  /** The stage's name, shown on every stage but prod. */
  readonly stage: string
  /** The origin of the API. Empty: the origin of the page. */
  readonly apiBaseUrl: string
  readonly signIn: SignInConfig
  readonly payments: PaymentsConfig
  /** The edge's script that renews the token of the challenge. Without it, no challenge guards the stage. */
  readonly challengeScriptUrl?: string
}

export type SignInConfig =
  /** A name is enough: `POST /local/token` answers with a token. */
  | { readonly kind: "local" }
  /** Cognito's API without its hosted page. */
  | { readonly kind: "cognito"; readonly region: string; readonly userPoolId: string; readonly clientId: string }

export type PaymentsConfig =
  /** The local provider: its test cards are choices. */
  | { readonly kind: "simulated" }
  /** Stripe's Payment Element. The key may be public. */
  | { readonly kind: "stripe"; readonly publishableKey: string }

/** Where the page finds its configuration, from its own origin. */
export const stageConfigPath = "/config.json"
