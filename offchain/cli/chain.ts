// `allora chain`: a development chain on this machine, Hardhat's, with a block at every transaction and every second.
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { Command } from "commander"
import { wholeNumber } from "./options.ts"

const BLOCK_TIME_MS = 1_000

export function chainCommand(): Command {
  return new Command("chain")
    .description("run a development chain on this machine; it is gone when it ends")
    .option("--port <port>", "where to listen, on 127.0.0.1", wholeNumber(1), 8_545)
    .action(async ({ port }: { port: number }) => {
      const [{ chainArguments, ROOT }, { createDevChain }, { until }, { NodeError }] =
        await Promise.all([
          import("../demo/processes.ts"),
          import("../devchain.ts"),
          import("../demo/network.ts"),
          import("../errors.ts"),
        ])
      if (!(await isFree(port)))
        throw new NodeError("PortInUse", {
          sentence: `another program listens on 127.0.0.1:${port}; stop it or choose another port`,
          remedy: "stop",
        })
      // What it prints is a log of every call, and keys that everyone knows.
      const stdio = ["ignore", "ignore", "inherit"] as const
      const child = spawn(process.execPath, [...chainArguments(port)], {
        cwd: ROOT,
        stdio: [...stdio],
      })
      const exited = new Promise<number>((resolve) =>
        child.once("exit", (code) => resolve(code ?? 0)),
      )
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.on(signal, () => child.kill("SIGTERM"))
      const rpc = `http://127.0.0.1:${port}`
      const dev = createDevChain(rpc)
      const isUp = until("the chain to answer", async () => {
        if (child.exitCode !== null || child.signalCode !== null) return "ended"
        return dev.time().catch(() => undefined)
      })
      if ((await isUp) !== "ended") {
        await dev.request("hardhat_setLoggingEnabled", [false])
        // Time passes on the chain when nobody sends anything too.
        await dev.request("evm_setIntervalMining", [BLOCK_TIME_MS])
        process.stdout.write(`the chain is up at ${rpc}; Ctrl-C ends it\n`)
      }
      process.exitCode = await exited
    })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}
