// Imported before the writer: it still notes every metric, which is part of its work, but nothing of that gets into the report.
process.env.POWERTOOLS_METRICS_DISABLED = "true"

const { warn } = console
console.warn = (...said: unknown[]) => {
  // Powertools complains every ten seconds that it has nothing to publish.
  if (!String(said[0]).startsWith("No application metrics")) warn(...said)
}
