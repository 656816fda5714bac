import { App, Stack } from "aws-cdk-lib"
import { Template } from "aws-cdk-lib/assertions"
import { Connections, SecurityGroup } from "aws-cdk-lib/aws-ec2"
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam"
import type { FunctionName, StageConfig } from "../../lib/config.ts"
import type { Connectable } from "../../lib/constructs/connectable.ts"
import { DataStack } from "../../lib/stacks/data.ts"
import { IdentityStack } from "../../lib/stacks/identity.ts"
import { NetworkStack } from "../../lib/stacks/network.ts"

/** The stacks that hold data, and a stack for the functions that are connected to them. */
export function dataStacks(stage: StageConfig) {
  const app = new App()
  const env = { env: { region: stage.region, account: "111122223333" }, stage }
  const network = new NetworkStack(app, "Network", env)
  const data = new DataStack(app, "Data", { ...env, network: network.network })
  const identity = new IdentityStack(app, "Identity", env)
  const code = new Stack(app, "Code", { env: env.env })

  /** A function as resources see it, without code. */
  function connectable(name: FunctionName) {
    const environment: Record<string, string> = {}
    const role = new Role(code, `Role-${name}`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com"), roleName: name })
    const group = new SecurityGroup(code, `Group-${name}`, {
      vpc: network.network.vpc,
      description: name,
      allowAllOutbound: false,
    })
    const client: Connectable = {
      name,
      grantPrincipal: role,
      connections: new Connections({ securityGroups: [group] }),
      addEnvironment: (variable, value) => {
        environment[variable] = value
      },
    }
    return { client, environment }
  }

  return {
    network,
    data,
    identity,
    code,
    connectable,
    /** The templates. Call it after everything is connected. */
    templates: () => ({
      network: Template.fromStack(network),
      data: Template.fromStack(data),
      identity: Template.fromStack(identity),
      code: Template.fromStack(code),
    }),
  }
}
