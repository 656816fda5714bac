/** Where a rule looks: sentences of comments and documents, strings of programs, or the names that programs give. */
export type PassageKind = "comment" | "document" | "string" | "name"

export interface Rule {
  /** Global, to find every match. A name is matched as its words in lower case: `skuAllocation` is "sku allocation". */
  readonly pattern: RegExp
  readonly kinds: readonly PassageKind[]
  /** What to write. */
  readonly instead: string
}

const prose: readonly PassageKind[] = ["comment", "document", "string"]
const inProse = (pattern: RegExp, instead: string): Rule => ({ pattern, kinds: prose, instead })
const inDocuments = (pattern: RegExp, instead: string): Rule => ({ pattern, kinds: ["document"], instead })
const inNames = (pattern: RegExp, instead: string): Rule => ({ pattern, kinds: ["name"], instead })
const everywhere = (pattern: RegExp, instead: string): Rule => ({ pattern, kinds: [...prose, "name"], instead })

/** People are "they", and a part of the system is "it". */
const pronouns = [inProse(/\b(?:he|him|his|himself|she|her|hers|herself)\b/gi, "they, them, their; a part of the system is it")]

/** Terms of the field in place of metaphors. Words that also have a plain meaning are matched with their neighbours only. */
const metaphors = [
  everywhere(/\b(?:front )?doors?\b/gi, "admission, entry point, or what the function is wired from"),
  everywhere(/\bdesks?\b/gi, "admission, rate limiter"),
  everywhere(/\berrands?\b/gi, "call, command, task"),
  everywhere(/\bin company\b/gi, "coalesce calls"),
  everywhere(/\b(?:sick|illness(?:es)?|sickness)\b/gi, "outage, failure, unavailable"),
  inProse(/\b(?:the|a|its|each|every|sku|whose) books?\b/gi, "the allocation of a SKU, counters"),
  inNames(/\b(?:sku books?|books? of)\b/g, "skuAllocation"),
  inProse(
    /\bthe line\b|\b(?:in|into|of|joins?|joined) (?:the |a |its |this )?line\b(?! with\b)/gi,
    "the queue, the partition, the log line",
  ),
  inProse(/\bplaces? in the (?:queue|log)\b/gi, "position in the queue, log position"),
  inNames(/\b(?:line record|line history|line is empty)\b/g, "queue, partition, record"),
  everywhere(/\b(?:lone|lonely)\b/gi, "local, single"),
  inNames(/\btake in\b/g, "submitRequest"),
  inNames(/\b(?:ahead scope|(?:writer|create|scope|write|some) ahead|aheads)\b/g, "optimistic"),
  inProse(/\b(?:decid\w+|decisions?|writ\w+|runs?) ahead\b(?! of)/gi, "optimistic, before the lock"),
  inDocuments(/\brooms\b|\b(?:the|each|every|its own) room\b/gi, "layers"),
  inProse(/\bsuspects?\b/gi, "flagged client"),
]

/** Turns that a reader whose second language is English has to puzzle over. */
const turns = [
  inProse(/(?:^|[.!?]\s+)(?:[-*] )?\s*who(?:se)?\b(?= \w[^.?!]*(?:[.!]|$))/gi, "name the subject first: the client that"),
  inProse(/\b(?:who(?:so)?ever|whomever|whosoever)\b/gi, "the client, the operator, the process"),
  everywhere(/\bfor ?ever\b/gi, "without end"),
  inProse(/\bas ever\b/gi, "as before, as always"),
  inProse(/\bat that(?=\s*[.,;:)]|\s*$)/gi, "leave it out"),
  inProse(/\balike\b/gi, "both, equally"),
  inProse(/\bwhat of it\b|\bby and by\b|\bof its own accord\b/gi, "say it plainly"),
  inProse(/\ba last look\b/gi, "a last read, a last check"),
  inProse(/\bsees? to it\b/gi, "ensures"),
  inProse(/\b(?:is|are) good for\b/gi, "lasts, allows"),
  inProse(/\b(?:is|are|was|were|be|been|being) told\b/gi, "name what they receive: reads, gets, is notified"),
]

/** Texts that a deployed stage depends on: a new text would replace a resource. */
export const keptTexts: readonly { readonly path: string; readonly text: string }[] = [
  { path: "lib/stacks/edge.ts", text: "Door" },
  { path: "test/plain-language/rules.ts", text: "Door" },
]

export const rules: readonly Rule[] = [...pronouns, ...metaphors, ...turns]

/** The width of prose in columns. Biome holds the same limit for code. */
export const longestLine = 130
