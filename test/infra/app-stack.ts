import { App } from "aws-cdk-lib"
import { Template } from "aws-cdk-lib/assertions"
import type { StageConfig } from "../../lib/config.ts"
import { AppStack } from "../../lib/stacks/app.ts"
import { DataStack } from "../../lib/stacks/data.ts"
import { EdgeStack } from "../../lib/stacks/edge.ts"
import { IdentityStack } from "../../lib/stacks/identity.ts"
import { NetworkStack } from "../../lib/stacks/network.ts"
import { ObservabilityStack } from "../../lib/stacks/observability.ts"
import { PagingStack } from "../../lib/stacks/paging.ts"
import { StreamingStack } from "../../lib/stacks/streaming.ts"
import { stages } from "../../lib/stages.ts"

export const domain = {
  hostedZoneId: "Z0123456789ABCDEFGHIJ",
  zoneName: "shop.example",
  siteName: "sale.shop.example",
  apiName: "api.sale.shop.example",
} as const

/** `prod` as a shop deploys it, with a domain. */
export const shop: StageConfig = { ...stages.prod, domain }

/** The templates of the stacks that have functions, with the stacks that they depend on; that of the pager if there is one. */
export function functionTemplates(stage: StageConfig): {
  app: Template
  streaming: Template
  identity: Template
  paging?: Template
} {
  const app = new App()
  const props = { stage, env: { region: stage.region, account: "111122223333" } }
  const { network } = new NetworkStack(app, "Network", props)
  const data = new DataStack(app, "Data", { ...props, network })
  const identityStack = new IdentityStack(app, "Identity", props)
  const { shoppers } = identityStack
  const appStack = new AppStack(app, "App", { ...props, network, data, shoppers })
  const streaming = new StreamingStack(app, "Streaming", { ...props, network, data, shoppers })
  const parts = { clusterName: "sale", databaseIdentifier: "sale-db", cacheMembers: ["sale-001"], replicaIdentifiers: [] }
  const { topics } = new ObservabilityStack(app, "Observability", {
    ...props,
    apiId: "api-1",
    parts,
    deployAlarmNames: appStack.deployAlarmNames,
  })
  const { pagers } = stage
  const paging = pagers && new PagingStack(app, "Paging", { ...props, pagers, topics, secrets: data.secrets })
  return {
    app: Template.fromStack(appStack),
    streaming: Template.fromStack(streaming),
    identity: Template.fromStack(identityStack),
    ...(paging && { paging: Template.fromStack(paging) }),
  }
}

export const appTemplate = (stage: StageConfig): Template => functionTemplates(stage).app

export const edgeTemplate = (stage: StageConfig): Template =>
  Template.fromStack(new EdgeStack(new App(), "Edge", { stage, env: { region: "us-east-1", account: "111122223333" } }))

/** The properties of all resources of a type. */
export const propertiesOf = <T>(template: Template, type: string): T[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties as T)
