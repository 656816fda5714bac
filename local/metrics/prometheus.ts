/** Merges several pages into one. A metric of several parts has one type line, as the format requires. */
export function mergePages(pages: readonly string[]): string {
  const families = new Map<string, string[]>()
  for (const page of pages) {
    let samples: string[] = []
    for (const line of page.split("\n")) {
      if (line.startsWith("# TYPE ")) {
        samples = families.get(line) ?? []
        families.set(line, samples)
      } else if (line !== "") samples.push(line)
    }
  }
  return [...families].map(([typeLine, samples]) => `${[typeLine, ...samples].join("\n")}\n`).join("")
}
