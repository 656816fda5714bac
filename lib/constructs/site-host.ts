import * as cloudfront from "aws-cdk-lib/aws-cloudfront"
import { Construct } from "constructs"
import { siteHostHeader } from "../../core/contracts/http/client-headers.ts"
import type { StageConfig } from "../config.ts"

/** Runs at the edge for every request of the API: writes the name that the shopper called, over what the client sent. */
export const siteHostCode = `function handler(event) {
  const request = event.request;
  request.headers[${JSON.stringify(siteHostHeader)}] = { value: request.headers.host.value };
  return request;
}
`

/**
 * Tells the API the distribution's own name. A stage with a domain knows its name without it. The template of the API cannot have
 * it: the distribution needs the API's name first.
 */
export class SiteHost extends Construct {
  readonly association: cloudfront.FunctionAssociation

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageConfig }) {
    super(scope, id)
    this.association = {
      eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
      function: new cloudfront.Function(this, "Function", {
        functionName: `flash-sale-${stage.name}-site-host`,
        comment: "Tells the API under which name the shopper sees the shop",
        code: cloudfront.FunctionCode.fromInline(siteHostCode),
        runtime: cloudfront.FunctionRuntime.JS_2_0,
      }),
    }
  }
}
