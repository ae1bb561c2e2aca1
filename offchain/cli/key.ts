// `allora key`: makes a key file and says its address. A key is never printed and never an argument.
import { Command } from "commander"
import { wholeNumber } from "./options.ts"

export function keyCommand(): Command {
  const command = new Command("key").description("make a key file, or say the address of one")
  command
    .command("new")
    .description("write new private keys, one a file, readable by you alone; never over an old one")
    .argument("<file...>", "where to write them")
    .action(async (files: string[]) => {
      const { newKeyFile } = await import("../signer.ts")
      for (const file of files) process.stdout.write(`${newKeyFile(file)}  ${file}\n`)
    })
  command
    .command("address")
    .description("print the address of a key file")
    .argument("<file...>", "key files")
    .action(async (files: string[]) => {
      const { createSigner, readKey } = await import("../signer.ts")
      for (const file of files) process.stdout.write(`${createSigner(readKey(file)).address}\n`)
    })
  command
    .command("members")
    .description(
      "print a members file for `npm run deploy` out of key files, for members on this machine",
    )
    .argument("<file...>", "the members' key files")
    .option(
      "--first-port <port>",
      "the first member's port; the next ones follow",
      wholeNumber(1),
      4_100,
    )
    .action(async (files: string[], { firstPort }: { firstPort: number }) => {
      const { createSigner, readKey } = await import("../signer.ts")
      const members = files.map((file, index) => {
        const { address } = createSigner(readKey(file))
        const url = `http://127.0.0.1:${firstPort + index}`
        return { owner: address, signer: address, payee: address, url }
      })
      process.stdout.write(`${JSON.stringify(members, null, 2)}\n`)
    })
  return command
}
