import { mutantsOf } from "./mutant.ts"
import { alarmsMutants } from "./table/alarms.ts"
import { alertingMutants } from "./table/alerting.ts"
import { dataMutants } from "./table/data.ts"
import { deploymentMutants } from "./table/deployment.ts"
import { edgeMutants } from "./table/edge.ts"
import { firewallMutants } from "./table/firewall.ts"
import { functionsMutants } from "./table/functions.ts"
import { generationsMutants } from "./table/generations.ts"
import { kafkaMutants } from "./table/kafka.ts"
import { networkMutants } from "./table/network.ts"
import { noticesMutants } from "./table/notices.ts"
import { pagingMutants } from "./table/paging.ts"
import { permissionsMutants } from "./table/permissions.ts"
import { recoveryMutants } from "./table/recovery.ts"
import { streamsMutants } from "./table/streams.ts"
import { teardownMutants } from "./table/teardown.ts"
import { trialMutants } from "./table/trial.ts"
import { versionMutants } from "./table/versions.ts"

export const mutants = mutantsOf([
  ...edgeMutants,
  ...firewallMutants,
  ...kafkaMutants,
  ...generationsMutants,
  ...functionsMutants,
  ...networkMutants,
  ...dataMutants,
  ...permissionsMutants,
  ...streamsMutants,
  ...noticesMutants,
  ...deploymentMutants,
  ...alarmsMutants,
  ...alertingMutants,
  ...pagingMutants,
  ...recoveryMutants,
  ...trialMutants,
  ...teardownMutants,
  ...versionMutants,
])
