import { Stack } from "aws-cdk-lib"
import { type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam"
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager"

/**
 * Lets a function read a secret, by its own policy alone. CDK's `grantRead` would name the function's role in the policy of the key,
 * and the stack that holds the data would depend on the stack of the code.
 */
export function letRead(client: Pick<IGrantable, "grantPrincipal">, secret: ISecret): void {
  client.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
      resources: [secret.secretArn],
    }),
  )
  if (secret.encryptionKey === undefined) return
  client.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["kms:Decrypt"],
      resources: [secret.encryptionKey.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `secretsmanager.${Stack.of(secret).region}.amazonaws.com` } },
    }),
  )
}
