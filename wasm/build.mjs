// What `npm run wasm` runs: builds the Rust sources into pkg/, the same bytes on every machine that has the pinned tools.
// With --check it builds into a temporary folder and compares; exit code 1 if a byte differs or a tool is missing. With
// --wide FOLDER it builds into that folder what the benchmark measures, a module for more seats than a topic has.
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { keccak256 } from "viem"

const HERE = fileURLToPath(new URL(".", import.meta.url))
const PKG = join(HERE, "pkg")
const MODULE = "allora_core_bg.wasm"
const FILES = [MODULE, "allora_core.js", "allora_core.d.ts"]
const SYSROOT = "/usr/lib/rustlib"

// Debian's compiler comes before rustup's, which has no wasm32 target, and builds std itself (hence the bootstrap flag).
const PATH = [process.env.TOOLS && join(process.env.TOOLS, "bin"), "/usr/bin", process.env.PATH]
const env = { ...process.env, PATH: PATH.filter(Boolean).join(delimiter), RUSTC_BOOTSTRAP: "1" }

/** What has to be there, and how to get it. */
const TOOLS = [
  {
    name: "Debian's rustc 1.96 with its sources, and lld",
    has: () =>
      version("/usr/bin/rustc").startsWith("rustc 1.96.0") &&
      existsSync(`${SYSROOT}/src/rust/library`) &&
      version("wasm-ld-14") !== "",
    get: "apt-get install -y rustc-web cargo-web rust-web-src lld",
  },
  {
    name: "the folder of the wasm32 target, which wasm-pack looks for",
    has: () => existsSync(`${SYSROOT}/wasm32-unknown-unknown/lib`),
    get: `mkdir -p ${SYSROOT}/wasm32-unknown-unknown/lib`,
  },
  {
    name: "wasm-bindgen 0.2.129",
    has: () => version("wasm-bindgen") === "wasm-bindgen 0.2.129",
    get: 'cargo install --locked --root "$TOOLS" wasm-bindgen-cli --version 0.2.129',
  },
  {
    name: "wasm-pack 0.15.1",
    has: () => version("wasm-pack") === "wasm-pack 0.15.1",
    get: 'cargo install --locked --root "$TOOLS" wasm-pack --version 0.15.1',
  },
]

function version(command) {
  try {
    return execFileSync(command, ["--version"], { env, stdio: "pipe" }).toString().trim()
  } catch {
    return ""
  }
}

function requireTools() {
  const missing = TOOLS.filter(({ has }) => !has())
  for (const { name, get } of missing) console.error(`missing: ${name}\n  get it: ${get}`)
  if (missing.length > 0) {
    console.error(
      "TOOLS names the folder of wasm-pack and wasm-bindgen; the committed wasm/pkg needs none of this",
    )
    process.exit(1)
  }
}

function build(into, features = []) {
  const recipe = ["--target", "web", "--release", "--mode", "no-install", "--no-opt"]
  const cargo = ["--config", "reproducible.toml", "--locked", ...features]
  const given = ["build", ".", ...recipe, "--no-pack", "--out-dir", into, "--", ...cargo]
  execFileSync("wasm-pack", given, { cwd: HERE, env, stdio: ["ignore", "inherit", "inherit"] })
}

const read = (folder, file) =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file)) : Buffer.of()

requireTools()
const wide = process.argv.indexOf("--wide")
if (wide > 0) {
  build(process.argv[wide + 1], ["--features", "wide"])
  process.exit(0)
}
const check = process.argv.includes("--check")
const built = mkdtempSync(join(tmpdir(), "allora-core-"))
try {
  build(built)
  const differing = FILES.filter((file) => !read(built, file).equals(read(PKG, file)))
  const module = read(built, MODULE)
  console.log(
    `core id ${keccak256(module)}, ${module.length} bytes, by ${version("/usr/bin/rustc")}`,
  )
  if (check) {
    for (const file of differing) {
      console.error(
        `${file} differs: given ${keccak256(read(PKG, file))}, required ${keccak256(read(built, file))}`,
      )
    }
    if (differing.length > 0) process.exitCode = 1
  } else {
    mkdirSync(PKG, { recursive: true })
    for (const file of FILES) copyFileSync(join(built, file), join(PKG, file))
  }
} finally {
  rmSync(built, { recursive: true, force: true })
}
