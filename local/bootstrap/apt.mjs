import { outputOf, runStep } from "./commands.mjs"
import { onPath } from "./paths.mjs"
import { say } from "./say.mjs"

/**
 * Debian starts a server on its default port as soon as its package is installed. A policy-rc.d that exits with 101 prevents
 * that. If the file exists already, it belongs to the owner of the machine and stays.
 */
const script = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
`

/**
 * The command prefix with which this user becomes root for apt: empty for root, sudo without a password, or undefined if there is
 * no way.
 */
function privilege() {
  if (process.getuid?.() === 0) return []
  return outputOf("sudo", ["-n", "true"]) === undefined ? undefined : ["sudo", "-n"]
}

/**
 * Installs Debian packages without starting their servers.
 * @returns {Promise<string | undefined>} undefined on success, otherwise the reason.
 */
export async function aptInstall(...packages) {
  if (onPath("apt-get").length === 0) return "apt-get, which this machine does not have"
  const prefix = privilege()
  if (prefix === undefined) return "apt-get, but this user is not root and sudo asks for a password"
  const title = `apt-get install ${packages.join(" ")}`
  const [file, ...args] = [...prefix, "sh", "-c", script, "sh", ...packages]
  const { ok } = await runStep(title, file, args)
  if (!ok) return `${title}, which failed (see above)`
  say(`${title}: installed and not started; this project starts the servers itself`)
  return undefined
}
