import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const tokensSchema = z.record(z.string(), z.array(z.string()))

/** Join tokens by the name of the cluster, each good for one host: from a file, or from standard input for `-`. */
export async function readTokens(path: string): Promise<Map<string, string[]>> {
  const text = path === '-' ? await readStandardInput() : await readFile(path, 'utf8')
  const parsed = tokensSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`The tokens are to be {"<cluster>": ["<token>", …], …}.`)
  return new Map(Object.entries(parsed.data))
}

async function readStandardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
  return text
}
