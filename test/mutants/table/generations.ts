import { type BrokenPromise, inFile } from "../mutant.ts"

const log = inFile("lib/constructs/event-log.ts", "generations")
const stage = inFile("lib/requests-generation.ts", "generations")
const app = inFile("lib/stacks/app.ts", "generations")

/** A generation of the requests: one number says which topic the functions and the mapping use. */
export const generationsMutants: readonly BrokenPromise[] = [
  {
    promise: "a generation of the requests has its own topic, group and mapping",
    mutants: [
      {
        ...log,
        name: "the mapping reads the first generation",
        replace: "topicName: topicNameOf(this.#stage, topic), ...(login",
        with: "topicName: topics[topic].name, ...(login",
      },
      {
        ...log,
        name: "the topic of the generation is not made",
        replace: "this.#topic({ ...topics[key], name: topicNameOf(stage, key) })",
        with: "this.#topic({ ...topics[key], name: topics[key].name })",
      },
      {
        ...log,
        name: "the topic of the generation before goes at once",
        replace: "if (before !== undefined) this.#topic(",
        with: "if (before === 0) this.#topic(",
      },
      {
        ...log,
        name: "the intake may not write it",
        replace: "[topicNameOf(this.#stage, topic), warmUpTopic.name]",
        with: "[topics[topic].name, warmUpTopic.name]",
      },
      {
        ...stage,
        name: "the functions are not told",
        replace: "REQUESTS_GENERATION: String(generationOf(stage))",
        with: 'REQUESTS_GENERATION: "1"',
      },
      {
        ...stage,
        name: "the functions use the topic of the first generation",
        replace: 'REQUESTS_TOPIC: topicNameOf(stage, "reservationRequests")',
        with: "REQUESTS_TOPIC: topics.reservationRequests.name",
      },
      {
        ...app,
        name: "the mapping is changed in place",
        replace: 'const feed = requestsTopicOf(generationOf(stage), "Feed")',
        with: 'const feed = "Feed"',
      },
      {
        ...app,
        name: "the provisioner does not run for it",
        replace: "schemaFingerprint(generationOf(stage))",
        with: "schemaFingerprint(1)",
      },
      {
        ...inFile("lib/constructs/event-source.ts", "generations"),
        name: "two mappings share a group",
        replace: "consumerGroupId: groupIdOf(group, generationOf(stage))",
        with: "consumerGroupId: group",
      },
      {
        ...inFile("lib/guardrails/stage.ts", "guardrails"),
        name: "a generation may have any number",
        replace: "!Number.isInteger(generation) || generation < 1 || generation > mostRequestsGenerations",
        with: "generation < 0",
      },
    ],
  },
]
