import { Stack } from "aws-cdk-lib"
import { type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam"
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager"

/**
 * Lets a function read a secret, by the function's policy alone. CDK's `grantRead` would name the function's role in the policy
 * of the key, and the data stack would depend on the app stack.
 */
export const letRead = (client: Pick<IGrantable, "grantPrincipal">, secret: ISecret): void =>
  allow(client, secret, ["GetSecretValue", "DescribeSecret"], ["kms:Decrypt"])

/** Lets a function give a secret new versions. */
export const letRotate = (client: Pick<IGrantable, "grantPrincipal">, secret: ISecret): void =>
  allow(
    client,
    secret,
    ["GetSecretValue", "DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"],
    ["kms:Decrypt", "kms:GenerateDataKey"],
  )

function allow(
  { grantPrincipal }: Pick<IGrantable, "grantPrincipal">,
  secret: ISecret,
  actions: readonly string[],
  keyActions: string[],
): void {
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: actions.map((action) => `secretsmanager:${action}`),
      resources: [secret.secretArn],
    }),
  )
  if (secret.encryptionKey === undefined) return
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: keyActions,
      resources: [secret.encryptionKey.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `secretsmanager.${Stack.of(secret).region}.amazonaws.com` } },
    }),
  )
}
