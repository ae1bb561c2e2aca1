#!/usr/bin/env node
// THE DOOR: the `allora` command. One file per subcommand in cli/; each is a library function too.
import { Command } from "commander"
import { callCommand } from "./cli/call.ts"
import { chainCommand } from "./cli/chain.ts"
import { demoCommand } from "./cli/demo.ts"
import { explainCommand } from "./cli/explain.ts"
import { faucetCommand } from "./cli/faucet.ts"
import { keyCommand } from "./cli/key.ts"
import { nodeCommand } from "./cli/node.ts"
import { proveCommand } from "./cli/prove.ts"
import { readCommand } from "./cli/read.ts"
import { registerCommand } from "./cli/register.ts"
import { reputerCommand } from "./cli/reputer.ts"
import { stakeCommand } from "./cli/stake.ts"
import { topicCommand } from "./cli/topic.ts"
import { verifyCommand } from "./cli/verify.ts"
import { watchCommand } from "./cli/watch.ts"
import { workerCommand } from "./cli/worker.ts"
import { NodeError } from "./errors.ts"

const program = new Command("allora")
  .description("Decentralised, self-improving prediction on EVM chains.")
  .version("0.1.0")
  .showHelpAfterError("(run with --help to see what it takes)")
  .addCommand(demoCommand())
  .addCommand(nodeCommand())
  .addCommand(workerCommand())
  .addCommand(reputerCommand())
  .addCommand(verifyCommand())
  .addCommand(watchCommand())
  .addCommand(proveCommand())
  .addCommand(explainCommand())
  .addCommand(readCommand())
  .addCommand(callCommand())
  .addCommand(topicCommand())
  .addCommand(registerCommand())
  .addCommand(stakeCommand())
  .addCommand(keyCommand())
  .addCommand(chainCommand())
  .addCommand(faucetCommand())

try {
  await program.parseAsync()
} catch (error) {
  // A named error says what to do; the stack is shown only where the fault is ours. The core's carry their code.
  if (error instanceof NodeError) process.stderr.write(`${error.code}: ${error.message}\n`)
  else if (error instanceof Error && error.name === "CoreError")
    process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
}
