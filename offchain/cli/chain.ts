// `allora chain`: a development chain on this machine, Hardhat's, whose clock is this machine's.
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { Command } from "commander"
import { wholeNumber } from "./options.ts"

export function chainCommand(): Command {
  return new Command("chain")
    .description("run a development chain on this machine; it is gone when it ends")
    .option("--port <port>", "where to listen, on 127.0.0.1", wholeNumber(1), 8_545)
    .action(async ({ port }: { port: number }) => {
      const [{ chainArguments, ROOT }, { NodeError }] = await Promise.all([
        import("../demo/processes.ts"),
        import("../errors.ts"),
      ])
      if (!(await isFree(port)))
        throw new NodeError("PortInUse", {
          sentence: `another program listens on 127.0.0.1:${port}; stop it or choose another port`,
          remedy: "stop",
        })
      const child = spawn(process.execPath, [...chainArguments(port)], {
        cwd: ROOT,
        stdio: "inherit",
      })
      // Ctrl-C at a terminal reaches the child by itself.
      process.on("SIGINT", () => undefined)
      process.on("SIGTERM", () => child.kill("SIGTERM"))
      process.on("SIGHUP", () => child.kill("SIGTERM"))
      const code = await new Promise<number | null>((resolve) => child.once("exit", resolve))
      process.exitCode = code ?? 0
    })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}
