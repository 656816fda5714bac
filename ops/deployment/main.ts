import { fileURLToPath } from "node:url"
import { cdkAt } from "./cdk.ts"
import { deploymentProgram, runDeployment } from "./program.ts"

const cdk = fileURLToPath(new URL("../../node_modules/aws-cdk/bin/cdk", import.meta.url))
process.exitCode = await runDeployment(deploymentProgram(cdkAt([process.execPath, cdk]), console.log), process.argv.slice(2))
