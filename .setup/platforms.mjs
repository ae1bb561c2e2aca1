// Whether a lockfile serves every system. npm leaves an optional package that the registry lacks out of the lock without
// a word; whoever has that system then gets a tree that cannot run.

/** One line for each optional package that an entry of the lock names and the lock does not hold. */
export function missingPlatforms(lock) {
  const findings = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!holderOf(lock.packages, path, name))
        findings.push(`${path || "the root"} wants ${name}, which is not in the lock`)
    }
  }
  return findings
}

/** Where Node would find `name` from the package at `path`: in its own node_modules, or in one further up. */
function holderOf(packages, path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
    const found = packages[`${base ? `${base}/` : ""}node_modules/${name}`]
    if (found) return found
    if (base === "") return undefined
  }
}
