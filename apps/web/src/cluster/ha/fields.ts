import { defaultHaSettings, type HaSettings } from '@drover/model'

interface Common {
  id: string
  label: string
  /** What it means, and what a change of it costs. */
  hint: string
}

/** A number as the form shows it; `per` of the stored value make one of its unit. */
export interface NumberField extends Common {
  kind: 'number'
  unit: string
  per: number
  /** In the field's unit. */
  min: number
  max: number
  whole?: boolean
  read: (ha: HaSettings) => number
  write: (ha: HaSettings, value: number) => HaSettings
}

export interface ChoiceField extends Common {
  kind: 'choice'
  options: readonly (readonly [value: string, words: string])[]
  read: (ha: HaSettings) => string
  write: (ha: HaSettings, value: string) => HaSettings
}

export interface ListField extends Common {
  kind: 'list'
  read: (ha: HaSettings) => string[]
  write: (ha: HaSettings, value: string[]) => HaSettings
  /** What is wrong with one entry, or null. */
  wrong: (entry: string) => string | null
}

export type HaField = NumberField | ChoiceField | ListField

const second = { unit: 's', per: 1_000 }

export const isolationWords = {
  leave: 'leave them running',
  shutdown: 'shut them down',
  powerOff: 'power them off',
} as const

/** Every setting, in the order in which they matter while a host is being lost. */
export const haSections: readonly { title: string; fields: readonly HaField[] }[] = [
  {
    title: 'Detection',
    fields: [
      {
        kind: 'number',
        id: 'suspect',
        label: 'Suspect after',
        hint: 'From the first missed heartbeat (one a second).',
        ...second,
        min: 2,
        max: 60,
        read: (ha) => ha.suspectMs,
        write: (ha, suspectMs) => ({ ...ha, suspectMs }),
      },
      {
        kind: 'number',
        id: 'decide',
        label: 'Decide after',
        hint: 'From the last heartbeat; by then the evidence of all four sides has to be in.',
        ...second,
        min: 3,
        max: 300,
        read: (ha) => ha.decideMs,
        write: (ha, decideMs) => ({ ...ha, decideMs }),
      },
      {
        kind: 'number',
        id: 'lease',
        label: 'Self-fence after',
        hint: 'An agent that has reached neither control nor any datastore for this long stops its VMs.',
        ...second,
        min: 10,
        max: 600,
        read: (ha) => ha.leaseMs,
        write: (ha, leaseMs) => ({ ...ha, leaseMs }),
      },
      {
        kind: 'choice',
        id: 'self-fence proof',
        label: 'Self-fence proves',
        hint: 'Whose deadline counts as proof when no device answers. A hung host or a dead agent without a watchdog stops nothing.',
        options: [
          ['watchdog', 'with a hardware watchdog only'],
          ['agent', 'also by the word of the agent'],
        ],
        read: (ha) => ha.selfFenceProof,
        write: (ha, value) => ({ ...ha, selfFenceProof: value as HaSettings['selfFenceProof'] }),
      },
      {
        kind: 'list',
        id: 'references',
        label: 'Reference addresses',
        hint: 'host:port, separated by commas. While none of them answers, control believes that it is cut off itself and fences nobody.',
        read: (ha) => ha.referenceAddresses,
        write: (ha, referenceAddresses) => ({ ...ha, referenceAddresses }),
        wrong: (entry) =>
          /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(entry)
            ? null
            : `“${entry}” is no host:port, such as 10.0.0.1:22.`,
      },
    ],
  },
  {
    title: 'Isolation: cut off, but its VMs run',
    fields: [
      {
        kind: 'choice',
        id: 'isolated host',
        label: 'The host',
        hint: 'Its VMs run and nothing is restarted, unless it is fenced first.',
        options: [
          ['leave', 'leave it'],
          ['fence', 'fence it and restart its VMs'],
        ],
        read: (ha) => ha.isolatedHost,
        write: (ha, value) => ({ ...ha, isolatedHost: value as HaSettings['isolatedHost'] }),
      },
      {
        kind: 'choice',
        id: 'isolation response',
        label: 'Its VMs',
        hint: 'For VMs that say nothing of their own.',
        options: Object.entries(isolationWords),
        read: (ha) => ha.isolationResponse,
        write: (ha, value) => ({ ...ha, isolationResponse: value as HaSettings['isolationResponse'] }),
      },
    ],
  },
  {
    title: 'Fencing',
    fields: [
      {
        kind: 'number',
        id: 'storm hosts',
        label: 'Storm guard: hosts',
        hint: 'Nobody is fenced while at least so many hosts …',
        unit: 'hosts',
        per: 1,
        min: 2,
        max: 1_000,
        whole: true,
        read: (ha) => ha.storm.hosts,
        write: (ha, hosts) => ({ ...ha, storm: { ...ha.storm, hosts } }),
      },
      {
        kind: 'number',
        id: 'storm share',
        label: 'Storm guard: share',
        hint: '… and more than this share of the cluster are silent at once.',
        unit: '%',
        per: 0.01,
        min: 1,
        max: 100,
        read: (ha) => ha.storm.share,
        write: (ha, share) => ({ ...ha, storm: { ...ha.storm, share } }),
      },
      {
        kind: 'number',
        id: 'quiet',
        label: 'Quiet time between fences',
        hint: 'At least this long between two fences in this cluster; 0: none.',
        ...second,
        min: 0,
        max: 3_600,
        read: (ha) => ha.fenceQuietMs,
        write: (ha, fenceQuietMs) => ({ ...ha, fenceQuietMs }),
      },
      {
        kind: 'number',
        id: 'flap times',
        label: 'Quarantine: lost',
        hint: 'A host that is lost so often …',
        unit: 'times',
        per: 1,
        min: 1,
        max: 100,
        whole: true,
        read: (ha) => ha.flap.times,
        write: (ha, times) => ({ ...ha, flap: { ...ha.flap, times } }),
      },
      {
        kind: 'number',
        id: 'flap window',
        label: 'Quarantine: within',
        hint: '… within this time …',
        unit: 'min',
        per: 60_000,
        min: 1,
        max: 10_080,
        read: (ha) => ha.flap.windowMs,
        write: (ha, windowMs) => ({ ...ha, flap: { ...ha.flap, windowMs } }),
      },
      {
        kind: 'number',
        id: 'flap quarantine',
        label: 'Quarantine: lasts',
        hint: '… gets no VMs for this long.',
        unit: 'min',
        per: 60_000,
        min: 1,
        max: 10_080,
        read: (ha) => ha.flap.quarantineMs,
        write: (ha, quarantineMs) => ({ ...ha, flap: { ...ha.flap, quarantineMs } }),
      },
    ],
  },
  {
    title: 'Restart',
    fields: [
      {
        kind: 'number',
        id: 'starts',
        label: 'Starts at once per host',
        hint: 'The others of the tier wait for their turn.',
        unit: 'VMs',
        per: 1,
        min: 1,
        max: 100,
        whole: true,
        read: (ha) => ha.startsPerHost,
        write: (ha, startsPerHost) => ({ ...ha, startsPerHost }),
      },
      {
        kind: 'number',
        id: 'tier timeout',
        label: 'A tier waits at most',
        hint: 'For the one before it to be ready.',
        ...second,
        min: 0,
        max: 3_600,
        read: (ha) => ha.tierTimeoutMs,
        write: (ha, tierTimeoutMs) => ({ ...ha, tierTimeoutMs }),
      },
    ],
  },
  {
    title: 'Placement',
    fields: [
      {
        kind: 'choice',
        id: 'on start',
        label: 'A VM that is powered on starts',
        hint: 'Where it runs nowhere yet.',
        options: [
          ['home', 'where it is defined'],
          ['best', 'wherever is best then'],
        ],
        read: (ha) => ha.placement.onStart,
        write: (ha, value) => ({
          ...ha,
          placement: { ...ha.placement, onStart: value as HaSettings['placement']['onStart'] },
        }),
      },
      {
        kind: 'choice',
        id: 'overcommit',
        label: 'Memory of a host',
        hint: 'Promising more may make guests swap when all of them want it.',
        options: [
          ['no', 'is never promised twice'],
          ['yes', 'may be promised more than once'],
        ],
        read: (ha) => (ha.placement.overcommitMemory ? 'yes' : 'no'),
        write: (ha, value) => ({
          ...ha,
          placement: { ...ha.placement, overcommitMemory: value === 'yes' },
        }),
      },
    ],
  },
  {
    title: 'Admission: what stays free for a failure',
    fields: [
      {
        kind: 'choice',
        id: 'admission action',
        label: 'A power-on that would break it',
        hint: 'Checked by placing the VMs of every possible failure, not by counting.',
        options: [
          ['refuse', 'is refused, with the numbers'],
          ['warn', 'is warned about'],
          ['off', 'goes ahead: nothing is kept free'],
        ],
        read: (ha) => ha.admission.action,
        write: (ha, value) => ({
          ...ha,
          admission: { ...ha.admission, action: value as HaSettings['admission']['action'] },
        }),
      },
      {
        kind: 'choice',
        id: 'admission by',
        label: 'Kept free',
        hint: 'For any hosts that may die, or a share of the memory.',
        options: [
          ['hosts', 'for failing hosts'],
          ['share', 'a fixed share'],
        ],
        read: (ha) => ha.admission.by,
        write: (ha, value) => ({
          ...ha,
          admission: { ...ha.admission, by: value as HaSettings['admission']['by'] },
        }),
      },
      {
        kind: 'number',
        id: 'admission hosts',
        label: 'Host failures to tolerate',
        hint: 'Whichever they are.',
        unit: 'hosts',
        per: 1,
        min: 1,
        max: 8,
        whole: true,
        read: (ha) => ha.admission.hostFailures,
        write: (ha, hostFailures) => ({ ...ha, admission: { ...ha.admission, hostFailures } }),
      },
      {
        kind: 'number',
        id: 'admission share',
        label: 'Share kept free',
        hint: 'Of the memory of all hosts.',
        unit: '%',
        per: 0.01,
        min: 1,
        max: 90,
        read: (ha) => ha.admission.reservedShare,
        write: (ha, reservedShare) => ({ ...ha, admission: { ...ha.admission, reservedShare } }),
      },
    ],
  },
]

/** The fields that mean nothing with the settings so; they are not shown. */
export function isIdle(field: HaField, ha: HaSettings): boolean {
  if (field.id === 'admission hosts') return ha.admission.by !== 'hosts' || ha.admission.action === 'off'
  if (field.id === 'admission share') return ha.admission.by !== 'share' || ha.admission.action === 'off'
  return field.id === 'admission by' && ha.admission.action === 'off'
}

/** A field's value as the form shows it. */
export function textOf(field: HaField, ha: HaSettings): string {
  if (field.kind === 'number') return String(Number((field.read(ha) / field.per).toFixed(3)))
  return field.kind === 'list' ? field.read(ha).join(', ') : field.read(ha)
}

/** The default as people read it: `3 s`. */
export function defaultOf(field: HaField): string {
  const text = textOf(field, defaultHaSettings)
  if (field.kind === 'choice') return field.options.find(([value]) => value === text)?.[1] ?? text
  return field.kind === 'number' ? `${text} ${field.unit}` : text || 'none'
}

/** What is wrong with what was typed, or null. */
export function problemOf(field: HaField, text: string): string | null {
  if (field.kind === 'choice') return null
  if (field.kind === 'list') return listOf(text).map(field.wrong).find(Boolean) ?? null
  const value = Number(text.trim().replace(',', '.'))
  const right = text.trim() !== '' && Number.isFinite(value) && value >= field.min && value <= field.max
  if (!right || (field.whole && !Number.isInteger(value))) {
    return `${field.whole ? 'A whole number' : 'A number'} from ${field.min} to ${field.max}.`
  }
  return null
}

/** The settings with what was typed; only what can be read is taken. */
export function settingsOf(ha: HaSettings, texts: Readonly<Record<string, string>>): HaSettings {
  let next = ha
  for (const field of haSections.flatMap((section) => section.fields)) {
    const text = texts[field.id]
    if (text === undefined || problemOf(field, text) !== null || text === textOf(field, ha)) continue
    if (field.kind === 'number') {
      const raw = Number(text.trim().replace(',', '.')) * field.per
      next = field.write(next, Number(raw.toFixed(6)))
    } else if (field.kind === 'list') next = field.write(next, listOf(text))
    else next = field.write(next, text)
  }
  return next
}

/** What is wrong with settings that are right one by one. */
export function conflictOf(ha: HaSettings): string | null {
  if (ha.decideMs <= ha.suspectMs) return 'Decide after: has to be longer than suspect after.'
  return null
}

/** The settings that differ, as `cluster.changeHa` takes them. */
export function changesOf(before: HaSettings, after: HaSettings): Partial<HaSettings> {
  const keys = Object.keys(after) as (keyof HaSettings)[]
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .map((key) => [key, after[key]]),
  )
}

function listOf(text: string): string[] {
  return text.split(/[,\s]+/).filter(Boolean)
}
