import { expect, test } from "vitest"
import { runbookHeadings } from "../../sale/runbook.ts"

/** What a person could run only inside the network, or by knowing the tables: psql, SQL, Redis' and Kafka's own tools. */
const insideTools =
  /\b(?:psql|redis-cli|kafka-[a-z-]+\.sh|SELECT .* FROM|UPDATE \w+ SET|ALTER TABLE|DROP CONSTRAINT|FLUSHALL|MEMORY STATS|\\d )|DATABASE_URL/

/** AWS's own tool runs on the laptop, too. These are steps on AWS's resources, for which the project has no command. */
const awsServices =
  /^(?:codepipeline|cloudfront-keyvaluestore|cognito-idp|deploy|elasticache|lambda|rds|route53|s3api|secretsmanager|sqs)$/

test("every heading of the runbook has a description, an investigation and a resolution, and a command of the operators", () => {
  expect(runbookHeadings.length).toBeGreaterThan(60)
  for (const { heading, text, commands } of runbookHeadings) {
    for (const part of ["**Description.**", "**Investigation.**", "**Resolution.**"]) expect(text, heading).toContain(part)
    expect(commands, heading).not.toEqual([])
  }
})

test("no step needs a host inside the network: no SQL, and no tool of Kafka, PostgreSQL or Redis", () => {
  for (const { heading, text } of runbookHeadings) expect(text.match(insideTools)?.[0], heading).toBeUndefined()
})

test("AWS's own command line is needed for resources of AWS only", () => {
  const asked = runbookHeadings.flatMap(({ text }) =>
    [...text.matchAll(/\baws ([a-z0-9-]+) [a-z]/g)].map(([, service]) => service),
  )
  expect(asked.length).toBeGreaterThan(0)
  for (const service of asked) expect(service).toMatch(awsServices)
})
