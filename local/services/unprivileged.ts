import { execFileSync } from "node:child_process"
import { chownSync } from "node:fs"

/** PostgreSQL refuses to run as root. Debian's package brings the first user, every machine has the second. */
const users = ["postgres", "nobody"]

/**
 * What the other user needs to reach the state folder, the least first: nothing, or, below a folder that only root may
 * enter (a clone in root's home), one capability that passes by the permissions of folders. Containers often have only the
 * second.
 */
const passes = [[], ["--inh-caps=+dac_read_search"], ["--inh-caps=+dac_override"]].map((capabilities) => [
  ...capabilities,
  ...capabilities.map((capability) => capability.replace("inh", "ambient")),
])

/** A user that PostgreSQL may run as. */
export interface Unprivileged {
  /** Put before the program and its arguments. */
  readonly prefix: readonly string[]
  /** Makes the user the owner of a file or folder. */
  own(path: string): void
}

const succeeds = (file: string, args: readonly string[]): boolean => {
  try {
    execFileSync(file, args, { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

const numberOf = (option: string, user: string) => Number(execFileSync("id", [option, user], { encoding: "utf8" }))

/**
 * How to run a program without root's rights in `folder`: as oneself if one is not root.
 * @throws Error when root has no way to become someone who can enter the folder
 */
export function unprivileged(folder: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], own: () => {} }
  for (const user of users.filter((name) => succeeds("id", [name]))) {
    const uid = numberOf("-u", user)
    const gid = numberOf("-g", user)
    for (const pass of passes) {
      const prefix = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", ...pass]
      const [file = "", ...args] = [...prefix, "ls", folder]
      if (succeeds(file, args)) return { prefix, own: (path) => chownSync(path, uid, gid) }
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and no other user can enter ${folder}. Needed: setpriv (package util-linux) and a user ${users.join(" or ")}; or run as another user`,
  )
}
