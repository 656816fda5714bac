import { CfnOutput } from "aws-cdk-lib"
import * as cloudfront from "aws-cdk-lib/aws-cloudfront"
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam"
import { Construct } from "constructs"
import { pageEntrances } from "../../core/contracts/http/page.ts"
import type { StageConfig } from "../config.ts"

/** The key whose value says which page the entrances show; the values are names of files of the page's build. */
export const entranceKey = "entrance"
const shown = ["index", "paused", "busy"]

/**
 * Runs at the edge for every request that no other behaviour takes. An entrance, also a deep link, gets `index.html`, or the page
 * that an operator has switched to. It changes HTML only: an error response of CloudFront would also replace the answers of the
 * API, because it belongs to the whole distribution.
 */
export const entranceCode = `import cf from "cloudfront";
const entrances = ${JSON.stringify(pageEntrances)};
const shown = ${JSON.stringify(shown)};
const isEntrance = (uri) => entrances.some((entrance) =>
  entrance.endsWith("*") ? uri.startsWith(entrance.slice(0, -1)) : uri === entrance);
async function handler(event) {
  const request = event.request;
  if (!isEntrance(request.uri)) return request;
  let page = shown[0];
  try {
    const chosen = await cf.kvs().get(${JSON.stringify(entranceKey)});
    if (shown.includes(chosen)) page = chosen;
  } catch (error) {
    // The key is absent: the shop is open.
  }
  request.uri = "/" + page + ".html";
  return request;
}
`

/** What an operator does with the switch: look at it, set it, remove it. */
const switchActions = ["DescribeKeyValueStore", "GetKey", "ListKeys", "PutKey", "DeleteKey"]

/** The entrances of the page, and the switch that shows "paused" or "busy" there within seconds, without a deployment. */
export class PageEntrance extends Construct {
  readonly association: cloudfront.FunctionAssociation

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    const keyValueStore = new cloudfront.KeyValueStore(this, "Switch", {
      keyValueStoreName: `flash-sale-${stage.name}-entrance`,
      comment: `Key ${entranceKey}: ${shown.join(", ")} (docs/RUNBOOK.md)`,
    })
    this.association = {
      eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
      function: new cloudfront.Function(this, "Entrance", {
        functionName: `flash-sale-${stage.name}-entrance`,
        comment: "Shows the page at its entrances",
        code: cloudfront.FunctionCode.fromInline(entranceCode),
        runtime: cloudfront.FunctionRuntime.JS_2_0,
        keyValueStore,
      }),
    }
    const policy = new ManagedPolicy(this, "Operators", {
      managedPolicyName: `flash-sale-${stage.name}-page-switch`,
      description: `May show the page of stage ${stage.name} paused or busy`,
      statements: [
        new PolicyStatement({
          actions: switchActions.map((action) => `cloudfront-keyvaluestore:${action}`),
          resources: [keyValueStore.keyValueStoreArn],
          conditions: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
        }),
      ],
    })
    new CfnOutput(this, "SwitchPolicyArn", {
      value: policy.managedPolicyArn,
      description: "Lets its bearers show the page paused or busy",
    })
    new CfnOutput(this, "SwitchArn", {
      value: keyValueStore.keyValueStoreArn,
      description: "Where operators show the page paused or busy (docs/RUNBOOK.md)",
    })
  }
}
