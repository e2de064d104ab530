import type { Ended } from './process'
import { withoutSecrets } from './secret'

/** What a failed run comes to, as a sentence without secrets: what the program said last, without its decoration. */
export function sayFailure(
  agent: string,
  action: string,
  ended: Ended,
  params: Record<string, string>,
  timeoutMs: number,
): string {
  if (ended.timedOut) {
    return `${agent} did not finish "${action}" within ${Math.round(timeoutMs / 100) / 10} s; the device may be out of reach.`
  }
  const said = withoutSecrets(lastWords(ended.stderr) ?? lastWords(ended.stdout) ?? '', params)
  const how = ended.code === null ? 'was killed' : `failed (exit code ${ended.code})`
  return said
    ? `${agent} ${action} ${how}: ${said.replace(/\.*$/, '.')}`
    : `${agent} ${action} ${how} and said nothing.`
}

/** The last line that says something; "Please use '-h' for usage" and Python's own remarks do not. */
function lastWords(text: string): string | null {
  const lines = text
    .split('\n')
    .map((line) =>
      line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+ /, '').replace(/^(ERROR|WARNING): /, ''),
    )
    .map((line) => line.trim())
    .filter(
      (line) => line && !/^please use '-h'|deprecationwarning|^from pipes import|^traceback/i.test(line),
    )
  return lines.at(-1)?.slice(0, 400) ?? null
}
