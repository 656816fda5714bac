/** A text that a rule must find, and one that says the same in plain words and that no rule may find. */
export interface Sample {
  readonly path: string
  readonly bad: string
  readonly good: string
}

const comment = (bad: string, good: string): Sample => ({ path: "core/x.ts", bad: `// ${bad}`, good: `// ${good}` })
const title = (bad: string, good: string): Sample => ({
  path: "test/x.test.ts",
  bad: `test("${bad}", () => {})`,
  good: `test("${good}", () => {})`,
})
const document = (bad: string, good: string): Sample => ({ path: "docs/x.md", bad, good })
const name = (bad: string, good: string): Sample => ({ path: "core/x.ts", bad: `const ${bad} = 1`, good: `const ${good} = 1` })

export const samples: readonly Sample[] = [
  comment("A shopper keeps his unit.", "A shopper keeps their unit. This is theirs, here and there."),
  title("he who asks first wins", "the first request wins; the hero of heat"),
  document("The operator asks herself.", "The operators ask themselves."),

  comment("The door of the API.", "The entry point of the API. Doorstep."),
  name("closeFrontDoor", "closeReadRuntime"),
  comment("The admission desk is full.", "The rate limiter refuses. Desktop."),
  name("createAdmissionDesk", "createAdmission"),
  title("an errand is run again", "a call is repeated"),
  title("reads are made in company", "reads are coalesced by a company"),
  comment("One sick SKU and its illness.", "One failing SKU and its outage."),
  name("sickSku", "failingSku"),
  comment("The book of a SKU.", "The allocation of a SKU; see the runbook, a notebook."),
  name("skuBook", "skuAllocation"),
  comment("Requests stand in line.", "Requests stand in the queue, in line with the plan, on one line."),
  document("A place of\nthe line.", "A position of\nthe queue."),
  comment("Its place in the queue.", "Its position in the queue; a placeholder."),
  name("lineRecord", "logRecord"),
  name("loneLimiter", "localRateLimiter"),
  comment("The lone limiter.", "The limiter of one process, alone."),
  name("takeIn", "takeInput"),
  name("writerAhead", "recordsAhead"),
  comment("Decides ahead of it, or is decided ahead.", "Decides before the lock. Ten records are ahead of them."),
  document("The rooms of the tree.", "The layers of the tree. There is room for one more."),
  document("A suspect waits.", "A flagged client waits. Suspicion grows."),

  title("who asks twice waits", "a client that asks twice waits for those who asked before"),
  document("It ends. Whose key is gone stops.", "It ends. Who has the key? A client without a key stops."),
  comment("Whoever asks waits.", "The client waits."),
  comment("Retries for ever.", "Retries without end. However, forevermore is another word."),
  name("retryForever", "retryWithoutEnd"),
  comment("Works as ever.", "Works as before, as every client does."),
  comment("A short one, at that.", "A short one. At that moment it ends."),
  comment("Both are refused alike.", "Both are refused."),
  comment("It ends of its own accord.", "It ends without help."),
  comment("Takes a last look at it.", "Reads it a last time."),
  comment("The writer sees to it.", "The writer ensures it."),
  comment("A second is good for ten.", "A second allows ten."),
  comment("The shopper is told so.", "The shopper reads that. A bold, untold story."),
]
