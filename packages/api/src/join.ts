import type { About } from './context'

/** What the listener for agents serves the agent as, and what it is called on the host. */
export const agentFile = 'drover-agent.mjs'

/**
 * What is pasted on the host: it fetches the agent from control, knowing control by its key, joins with the token and
 * runs. For `sh`, over several lines; more options of `join` may be appended. With several addresses the first that
 * serves the agent is taken: only the daemon that leads does.
 */
export function joinCommand(
  about: Pick<About, 'agentUrls' | 'agentFingerprint' | 'agentPublicKeyPin'>,
  token: string,
): string {
  const { agentUrls, agentFingerprint, agentPublicKeyPin } = about
  // Self-signed: no authority knows it (-k), so it is this very key or none.
  const get = agentPublicKeyPin
    ? ['curl -fsSk', `--pinnedpubkey 'sha256//${agentPublicKeyPin}'`]
    : ['curl -fsS']
  const fetches = agentUrls.map((url) =>
    [...get, `${word(new URL(`/${agentFile}`, url).href)} -o ${agentFile}`].join(' \\\n  '),
  )
  const join = [
    `node ${agentFile} join --run`,
    `--server ${word(agentUrls.join(','))}`,
    ...(agentFingerprint ? [`--pin sha256:${agentFingerprint}`] : []),
    `--token ${token}`,
  ].join(' \\\n  ')
  return `${fetches.join(' || \\\n')} && \\\n${join}`
}

/** As `sh` takes it literally; bare when nothing in it is special. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
