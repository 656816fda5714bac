import { fileURLToPath } from "node:url"
import { cdkAt } from "../ops/deployment/cdk.ts"
import { deploymentProgram, runDeployment } from "../ops/deployment/program.ts"

const cdk = fileURLToPath(new URL("../node_modules/aws-cdk/bin/cdk", import.meta.url))
process.exitCode = await runDeployment(deploymentProgram(cdkAt([process.execPath, cdk]), console.log), process.argv.slice(2))
