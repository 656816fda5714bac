import { Validations } from "aws-cdk-lib"
import { Key } from "aws-cdk-lib/aws-kms"
import { CfnBatchScramSecret, type CfnCluster } from "aws-cdk-lib/aws-msk"
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { removalPolicyOf } from "./retention.ts"

/** The login of the functions if brokers ask for a password. MSK accepts only secrets with this prefix, under a customer key. */
export function kafkaLogin(
  scope: Construct,
  stage: StageConfig,
  cluster: CfnCluster,
): { readonly secret: ISecret; readonly key: Key } {
  const removalPolicy = removalPolicyOf(stage)
  const key = new Key(scope, "LoginKey", { description: "Kafka: login", enableKeyRotation: true, removalPolicy })
  const secret = new Secret(scope, "Login", {
    secretName: `AmazonMSK_flash-sale-${stage.name}`,
    encryptionKey: key,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username: "flash-sale" }),
      generateStringKey: "password",
      passwordLength: 40,
      excludePunctuation: true,
    },
    removalPolicy,
  })
  Validations.of(secret).acknowledge({
    id: "AwsSolutions-SMG4",
    reason: "lambdas/secret-rotation rotates it, on a schedule in the stack of the code, where cdk-nag does not look.",
  })
  new CfnBatchScramSecret(scope, "LoginOfCluster", { clusterArn: cluster.attrArn, secretArnList: [secret.secretArn] })
  return { secret: secret as ISecret, key }
}
