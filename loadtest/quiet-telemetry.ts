// Imported before the writer: it still notes every metric, which is part of its work, but nothing of that gets into the report.
process.env.POWERTOOLS_METRICS_DISABLED = "true"
// Powertools then complains every ten seconds that it has nothing to publish; in this mode it does so on the console of
// everybody.
process.env.POWERTOOLS_DEV = "true"

const { warn } = console
console.warn = (...said: unknown[]) => {
  if (!String(said[0]).startsWith("No application metrics")) warn(...said)
}
