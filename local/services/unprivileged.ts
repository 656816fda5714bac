import { execFileSync } from "node:child_process"
import { chownSync } from "node:fs"

/** PostgreSQL refuses to run as root. Debian's package of it creates the first user; every machine has the second. */
const users = ["postgres", "nobody"]

/**
 * What the other user needs to reach the state folder and the program, the least first. Usually nothing. Below a folder that only
 * root may enter (a clone in root's home) one capability that ignores the permissions of folders. Containers often have only the
 * second one. The securebit keeps it in force for access(2) (capabilities(7)), with which PostgreSQL looks for its own file.
 */
const passes = [[], ["dac_read_search"], ["dac_override"]].map((capabilities) =>
  capabilities.flatMap((capability) => [
    "--securebits=+no_setuid_fixup",
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
  ]),
)

/** A user that may run PostgreSQL. */
export interface Unprivileged {
  /** Arguments before the program and its own arguments. */
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
 * How to run a program in `folder` without root's rights. A user that is not root runs it as themselves.
 * @throws Error when root cannot become a user that can enter the folder and run the program
 */
export function unprivileged(folder: string, program: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], own: () => {} }
  for (const user of users.filter((name) => succeeds("id", [name]))) {
    const uid = numberOf("-u", user)
    const gid = numberOf("-g", user)
    for (const pass of passes) {
      const prefix = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", ...pass]
      const [file = "", ...args] = prefix
      const can = (...command: string[]) => succeeds(file, [...args, ...command])
      if (can("ls", folder) && can(program, "--version")) return { prefix, own: (path) => chownSync(path, uid, gid) }
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and no other user can enter ${folder} and run ${program}. Needed: setpriv (package util-linux) and a user ${users.join(" or ")}; or run as another user`,
  )
}
