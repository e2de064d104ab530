/**
 * Which layer may import which. The table of ARCHITECTURE.md, as data: a package that is not listed here fails the
 * test, so a new one has to say where it belongs.
 */
export const layers: Record<string, readonly string[]> = {
  model: [],
  engine: ['model', 'protocol'],
  protocol: ['model'],
  store: ['model', 'protocol'],
  libvirt: [],
  hypervisor: ['model', 'protocol', 'libvirt'],
  control: ['model', 'engine', 'protocol', 'store'],
  agent: ['model', 'protocol', 'hypervisor'],
  api: ['model', 'engine', 'control'],
  simulation: ['model', 'engine', 'protocol', 'store', 'control', 'agent', 'hypervisor'],
  harness: [],
  'control-app': ['model', 'engine', 'protocol', 'store', 'control', 'api'],
  'agent-app': ['model', 'protocol', 'agent', 'hypervisor'],
  cli: ['model', 'api'],
  web: ['model', 'api'],
}

/** Packages that may import another one's types only. */
export const typesOnly: Record<string, readonly string[]> = { web: ['api'], cli: ['api'] }

/** Packages without a clock, randomness or input and output, whose sources may name none of these. */
export const pure = ['model', 'engine', 'protocol'] as const
