import { Validations } from "aws-cdk-lib"
import { Key } from "aws-cdk-lib/aws-kms"
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager"
import { Construct } from "constructs"
import { type SecretName, secretVariable } from "../../core/contracts/environment.ts"
import type { StageConfig } from "../config.ts"
import type { Connectable } from "./connectable.ts"
import { removalPolicyOf } from "./retention.ts"
import { letRead, letRotate } from "./secret-access.ts"

/** Secrets that are not the login of a part of the system. The constructs of the parts create the logins. */
export type SharedSecret = Extract<
  SecretName,
  "RECEIPT_KEYS" | "PAYMENT_API_KEY" | "PAYMENT_WEBHOOK_SECRET" | "ORIGIN_SECRET" | "PAGER_KEYS"
>

/** The region of the edge. CloudFormation there resolves secrets of that region only. */
export const edgeRegion = "us-east-1"

const purposes: Record<SharedSecret, string> = {
  RECEIPT_KEYS: "Signs position receipts; filled by its first rotation (docs/DEPLOY.md)",
  PAYMENT_API_KEY: "The payment provider's key; filled before the first sale (docs/DEPLOY.md), rotated at the provider",
  PAYMENT_WEBHOOK_SECRET: "What the payment provider signs its calls with; filled before the first sale (docs/DEPLOY.md)",
  PAGER_KEYS: "The keys of the pager service by priority; filled before the first sale (docs/DEPLOY.md)",
  ORIGIN_SECRET: "What CloudFront adds to each request, so that nobody goes around it",
}

const rotatedBy: Record<SharedSecret, string> = {
  RECEIPT_KEYS: "lambdas/secret-rotation rotates it, on a schedule in the stack of the code, where cdk-nag does not look.",
  PAYMENT_API_KEY: "Only the provider can make a new key.",
  PAYMENT_WEBHOOK_SECRET: "Only the provider can make a new one.",
  PAGER_KEYS: "Only the pager service can make a new key.",
  ORIGIN_SECRET:
    "CloudFront must have it, too, and the distribution is CloudFormation's: a rotation would be drift. docs/DEPLOY.md has the two steps.",
}

/** The name of a secret. Stacks of other regions find its replica by it. */
export const sharedSecretName = (stage: Pick<StageConfig, "name">, name: SharedSecret): string =>
  `flash-sale/${stage.name}/${name}`

/** The secrets of the functions. Functions read them at run time, at most once a minute: a rotation needs no restart. */
export class Secrets extends Construct {
  readonly all: Readonly<Record<SharedSecret, Secret>>

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const removalPolicy = removalPolicyOf(stage)
    const key = new Key(this, "Key", { description: "Secrets of the functions", enableKeyRotation: true, removalPolicy })
    const secret = (name: SharedSecret): Secret =>
      new Secret(this, name, {
        secretName: sharedSecretName(stage, name),
        description: purposes[name],
        encryptionKey: key,
        generateSecretString: { passwordLength: 48, excludePunctuation: true },
        ...(name === "ORIGIN_SECRET" && stage.region !== edgeRegion && { replicaRegions: [{ region: edgeRegion }] }),
        removalPolicy,
      })
    this.all = {
      RECEIPT_KEYS: secret("RECEIPT_KEYS"),
      PAYMENT_API_KEY: secret("PAYMENT_API_KEY"),
      PAYMENT_WEBHOOK_SECRET: secret("PAYMENT_WEBHOOK_SECRET"),
      ORIGIN_SECRET: secret("ORIGIN_SECRET"),
      PAGER_KEYS: secret("PAGER_KEYS"),
    }
    this.#acknowledge()
  }

  /** Acknowledges how each secret is rotated, if Secrets Manager does not rotate it. */
  #acknowledge(): void {
    for (const [name, reason] of Object.entries(rotatedBy)) {
      Validations.of(this.all[name as SharedSecret]).acknowledge({ id: "AwsSolutions-SMG4", reason })
    }
  }

  /** Lets the function that rotates secrets change this one. */
  rotatedBy(rotator: Pick<Connectable, "grantPrincipal" | "addEnvironment">, name: SharedSecret): ISecret {
    letRotate(rotator, this.all[name] as ISecret)
    rotator.addEnvironment(secretVariable(name), this.all[name].secretArn)
    return this.all[name] as ISecret
  }

  /** Lets a function read a secret, and sets its ARN in the environment. */
  grant(client: Pick<Connectable, "grantPrincipal" | "addEnvironment">, ...names: readonly SharedSecret[]): void {
    for (const name of names) {
      letRead(client, this.all[name] as ISecret)
      client.addEnvironment(secretVariable(name), this.all[name].secretArn)
    }
  }
}
