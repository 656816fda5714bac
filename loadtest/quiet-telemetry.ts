// Imported before the writer. The writer still records every metric, which is part of its work, but prints none of them.
process.env.POWERTOOLS_METRICS_DISABLED = "true"
// Powertools then warns every ten seconds that it has nothing to publish. In this mode it writes to the global console.
process.env.POWERTOOLS_DEV = "true"

const { warn } = console
console.warn = (...said: unknown[]) => {
  if (!String(said[0]).startsWith("No application metrics")) warn(...said)
}
