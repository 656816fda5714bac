import { LambdaVersion, type UserPool, UserPoolOperation } from "aws-cdk-lib/aws-cognito"
import { Policy, PolicyStatement } from "aws-cdk-lib/aws-iam"
import type { IFunction } from "aws-cdk-lib/aws-lambda"
import { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { SaleFunction } from "./sale-function.ts"
import { descriptions } from "./sale-functions.ts"

/**
 * Tokens say when their account was made, which the rate limiter weighs. Cognito tells a trigger nothing of it, so that one
 * trigger notes it at the confirmation of an account, and another copies it into each access token.
 */
export class TokenClaims extends Construct {
  constructor(scope: Construct, id: string, { stage, pool }: { readonly stage: StageConfig; readonly pool: UserPool }) {
    super(scope, id)
    const { function: trigger, role } = new SaleFunction(this, "token-claims", {
      stage,
      name: "token-claims",
      description: descriptions["token-claims"],
    })
    pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, trigger as IFunction)
    // Access tokens can be changed from the second version of the event on (Essentials and Plus).
    pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, trigger as IFunction, LambdaVersion.V2_0)
    // A policy of its own: in the role's own policy, pool and function would wait for each other.
    new Policy(this, "NotesAccounts", {
      statements: [new PolicyStatement({ actions: ["cognito-idp:AdminUpdateUserAttributes"], resources: [pool.userPoolArn] })],
      roles: [role],
    })
  }
}
