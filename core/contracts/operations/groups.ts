import * as z from "zod"
import {
  BegunGeneration,
  Consumers,
  GenerationFigures,
  GroupId,
  Groups,
  offsetsArguments,
  ReplayPlan,
  replayArguments,
  stopArguments,
} from "../streams.ts"
import { change, read } from "./command.ts"

/** Consumer groups: how far they are, and what lets them read again. */
export const groupCommands = {
  /** Every consumer group, or one of them: members, and how far each has read. */
  groups: read({ group: GroupId.optional() }, Groups),
  "replay-plan": read(replayArguments, ReplayPlan),
  "consumers-stop": change(stopArguments, Consumers),
  "consumers-start": change({ group: GroupId }, Consumers),
  "offsets-set": change(offsetsArguments, Groups),
  /** What analytics has counted, in the present generation or an earlier one. */
  "analytics-figures": read({ generation: z.int().min(1).optional() }, GenerationFigures),
  /** Begins the next generation of a group that does its work once in each generation. */
  "generation-begin": change({ group: GroupId }, BegunGeneration),
}
