/**
 * How a function of `lambdas/` becomes one file that Lambda runs: the options of esbuild at synth, and in the test that loads and
 * invokes every bundle (test/integration/handler-bundles.test.ts). Plain data without CDK.
 */
export const bundleOptions = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  minify: true,
  // kafkajs names its errors after their classes. By those names our code decides which errors are temporary.
  keepNames: true,
  sourcemap: "linked",
  // Stack traces name our files; the sources are in the repository.
  sourcesContent: false,
  legalComments: "none",
  mainFields: ["module", "main"],
  loader: { ".sql": "text", ".lua": "text" },
  outExtension: { ".js": ".mjs" },
  // Never loaded: pg's client over libpq with its optional package (`./native` is pg's name for it), the package with which the
  // AWS SDK detects browsers, and the SDK's credentials of a person's login. A function has its credentials in the environment,
  // and the SDK imports the others only when it looks for them. Everything else is in the bundle, also the AWS SDK: the lockfile
  // decides its version, not Lambda's runtime of the day.
  external: ["pg-native", "./native", "bowser", "@aws-sdk/credential-provider-login", "@aws-sdk/credential-provider-sso"],
  // Less to parse at a cold start. Records are encoded and decoded, so that Avro's remote calls, files and schema language are
  // not needed. The signer of Kafka's tokens calls STS in its debugging mode only: the credential chain's small client is enough.
  alias: { avsc: "avsc/etc/browser/avsc-types.js", "@aws-sdk/client-sts": "@aws-sdk/nested-clients/sts" },
  // ES modules have no `require`, but kafkajs, pg and avsc load Node's own modules with it.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "warning",
} as const

/** Lambda calls `handler` of handler.mjs, in the root of the function's asset. */
export const bundleHandler = "handler.handler"

/**
 * The environment of every bundled function: source maps for stack traces, and the certificate authority of RDS. Node's own list
 * lacks it, and Lambda does not load its file since Node 20.
 */
export const bundleEnvironment = {
  NODE_OPTIONS: "--enable-source-maps",
  NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem",
} as const
