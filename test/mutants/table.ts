import type { Mutant } from "./mutant.ts"
import { data } from "./table/data.ts"
import { deploys } from "./table/deploys.ts"
import { door } from "./table/door.ts"
import { firewall } from "./table/firewall.ts"
import { functionMutants } from "./table/functions.ts"
import { kafka } from "./table/kafka.ts"
import { recovery } from "./table/recovery.ts"
import { rights } from "./table/rights.ts"
import { watching } from "./table/watching.ts"

export const mutants: readonly Mutant[] = [
  ...door,
  ...firewall,
  ...kafka,
  ...functionMutants,
  ...data,
  ...rights,
  ...deploys,
  ...watching,
  ...recovery,
]
