/**
 * Which layer may import which. The table of ARCHITECTURE.md, as data: a package that is not listed here fails the
 * test, so a new one has to say where it belongs.
 */
export const layers: Record<string, readonly string[]> = {
  model: [],
  engine: ['model', 'protocol', 'planner'],
  protocol: ['model'],
  store: ['model', 'protocol'],
  libvirt: [],
  hypervisor: ['model', 'protocol', 'libvirt'],
  fencing: ['model'],
  planner: ['model'],
  control: ['model', 'engine', 'planner', 'protocol', 'store', 'fencing'],
  agent: ['model', 'protocol', 'hypervisor', 'fencing'],
  api: ['model', 'engine', 'control', 'fencing'],
  simulation: [
    'model',
    'engine',
    'planner',
    'protocol',
    'store',
    'control',
    'agent',
    'hypervisor',
    'fencing',
  ],
  harness: [],
  'control-app': ['model', 'engine', 'planner', 'protocol', 'store', 'control', 'api', 'fencing'],
  'agent-app': ['model', 'protocol', 'agent', 'hypervisor', 'fencing'],
  cli: ['model', 'api', 'planner', 'simulation'],
  web: ['model', 'api'],
}

/** Packages that may import another one's types only. */
export const typesOnly: Record<string, readonly string[]> = { web: ['api'], cli: ['api'] }

/** Packages without a clock, randomness or input and output, whose sources may name none of these. */
export const pure = ['model', 'engine', 'planner', 'protocol'] as const
