import type { FenceAgentInfo, FenceParameter } from '@drover/model'
import { XMLParser } from 'fast-xml-parser'
import { FenceError } from '../port'
import { isSecret } from './secret'

/** Not for people: the adapter says what is to be done, waits by itself, and has no use for a program that prints more. */
const own = new Set([
  'action',
  'delay',
  'help',
  'version',
  'manpage',
  'quiet',
  'verbose',
  'verbose_level',
  'debug',
  'debug_file',
  'separator',
  'missing_as_off',
])
const types: readonly FenceParameter['type'][] = ['string', 'boolean', 'integer', 'second', 'select']
const lists = new Set(['parameter', 'option', 'symlink', 'shortdesc'])

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => lists.has(name),
})

interface RawParameter {
  name?: string
  required?: string
  deprecated?: string
  content?: { type?: string; default?: string; option?: { value?: string }[] } | ''
  shortdesc?: (string | { '#text'?: string })[]
}

/**
 * What a fence program says of itself by `-o metadata`. Names that it keeps for old configurations only are left out.
 * Throws `FenceError` for what is no metadata.
 */
export function readMetadata(agent: string, xml: string): FenceAgentInfo {
  // Python's own warnings may come first.
  const begin = xml.indexOf('<resource-agent')
  const root = begin < 0 ? undefined : parse(xml.slice(begin))
  if (!root) throw new FenceError(`${agent} does not describe itself: it is no program of fence-agents.`)
  const raw: RawParameter[] = root.parameters?.parameter ?? []
  return {
    agent,
    // A program under another name describes the one that it is a link to.
    description:
      root.symlink?.find(({ name }) => name === agent)?.shortdesc?.toString() ??
      root.shortdesc?.toString() ??
      agent,
    parameters: raw.flatMap((parameter) => describe(parameter) ?? []),
  }
}

interface RawAgent {
  shortdesc?: string | string[]
  symlink?: { name?: string; shortdesc?: string | string[] }[]
  parameters?: { parameter?: RawParameter[] }
}

function parse(xml: string): RawAgent | undefined {
  try {
    return (parser.parse(xml) as { 'resource-agent'?: RawAgent })['resource-agent']
  } catch {
    return undefined
  }
}

function describe(raw: RawParameter): FenceParameter | null {
  const { name } = raw
  if (!name || own.has(name) || raw.deprecated === '1') return null
  const content = raw.content || {}
  const type = types.find((known) => known === content.type) ?? 'string'
  const [text] = raw.shortdesc ?? []
  return {
    name,
    type,
    required: raw.required === '1',
    secret: isSecret(name),
    default: content.default ?? null,
    options: (content.option ?? []).flatMap(({ value }) => (value === undefined ? [] : [value])),
    description: (typeof text === 'string' ? text : (text?.['#text'] ?? '')).replace(/\s+/g, ' ').trim(),
  }
}
