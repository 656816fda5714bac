/**
 * How a function of `lambdas/` becomes one file that Lambda runs: what esbuild is told at synth, and in the test that loads and
 * invokes every bundle (test/integration/handler-bundles.test.ts). Plain data; nothing of CDK.
 */
export const bundleOptions = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  minify: true,
  // kafkajs names its errors after their classes, and what passes is told from what does not by those names.
  keepNames: true,
  sourcemap: "linked",
  // Stack traces name our files; the sources themselves are in the repository.
  sourcesContent: false,
  legalComments: "none",
  mainFields: ["module", "main"],
  loader: { ".sql": "text", ".lua": "text" },
  outExtension: { ".js": ".mjs" },
  // Never loaded: pg's client over libpq with the optional package that it needs (`./native` is pg's name for it), and what the AWS SDK tells
  // browsers apart with. Everything else is in the bundle, the AWS SDK included: the lockfile says which version runs, not the day's runtime.
  external: ["pg-native", "./native", "bowser"],
  // Less is parsed at a cold start: records are encoded and decoded, without Avro's remote calls, files and schema language; and the
  // signer of Kafka's tokens asks STS who it is in its debugging mode alone, for which the credential chain's small client is enough.
  alias: { avsc: "avsc/etc/browser/avsc-types.js", "@aws-sdk/client-sts": "@aws-sdk/nested-clients/sts" },
  // ES modules have no `require`, but kafkajs, pg and avsc ask for Node's own modules with it.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "warning",
} as const

/** What Lambda calls: `handler` of handler.mjs, in the root of the function's asset. */
export const bundleHandler = "handler.handler"

/**
 * Environment of every bundled function: stack traces name our lines, and the certificate authority of RDS is known (Node's own list
 * lacks it, and Lambda loads its file no more by itself since Node 20).
 */
export const bundleEnvironment = {
  NODE_OPTIONS: "--enable-source-maps",
  NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem",
} as const
