import { join as joinPath } from 'node:path'
import { type JoinOptions, join } from '../join'
import { sayCertificates, tlsFiles } from './certificates'
import { lookAround, sayMissing, there } from './needs'
import { becomeRoot, needsRoot } from './root'
import { chooseDatastores, libvirtImages } from './storage'

/**
 * Joins the machine that this runs on, after a look at whether it can be a host at all; says in words what was chosen for
 * it. Throws what is missing and how to get it.
 */
export async function joinThisHost(options: JoinOptions): Promise<void> {
  const { directory, config } = options
  const { socketPath, migration } = config.libvirt
  const missing = sayMissing(await lookAround(socketPath))
  if (missing.length > 0) throw new Error(missing.join('\n'))
  if (await needsRoot(directory, socketPath)) becomeRoot(directory)

  const configPath = joinPath(directory, 'agent.json')
  const hasLibvirtImages = await there(libvirtImages)
  const { datastores, said } = chooseDatastores(config.datastores, {
    name: options.name,
    hasLibvirtImages,
    configPath,
  })
  const joined = await join({ ...options, config: { ...config, datastores } })
  const { name } = joined.config
  if (joined.before) {
    console.log(`This host has joined already, as ${name}; ${configPath} stays as it is.`)
    console.log(`If it was removed from Drover since: remove ${directory}, and join again.`)
    return
  }
  console.log(`${name} has joined.`)
  if (said) console.log(said)
  if (migration === 'tls') {
    const found = await Promise.all(tlsFiles.map((file) => there(file)))
    const warning = sayCertificates(
      tlsFiles.filter((_, i) => !found[i]),
      configPath,
    )
    if (warning) console.log(warning)
  }
  console.log(
    `To have its agent run from now on, also after a boot: node ${process.argv[1]} service --install`,
  )
}
