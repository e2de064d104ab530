import { XMLBuilder, XMLParser } from 'fast-xml-parser'

/** An element with its attributes and children in their order, so that what is not touched stays as it was. */
export interface Element {
  name: string
  attributes: Record<string, string>
  children: (Element | string)[]
}

type Node = Record<string, unknown>
const attributesKey = ':@'
const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
} as const
const parser = new XMLParser(options)
const builder = new XMLBuilder({ ...options, format: true, indentBy: '  ', suppressEmptyNode: true })

export function parseXml(text: string): Element {
  const nodes = parser.parse(text) as Node[]
  const root = nodes.map(toElement).find((node) => typeof node !== 'string')
  if (!root) throw new Error('no XML element')
  return root as Element
}

export function writeXml(element: Element): string {
  return builder.build([fromElement(element)]) as string
}

export function child(of: Element, name: string): Element | null {
  return children(of, name)[0] ?? null
}

export function children(of: Element, name: string): Element[] {
  return of.children.filter((node): node is Element => typeof node !== 'string' && node.name === name)
}

/** The element at a path of names below `of`. */
export function find(of: Element, ...path: string[]): Element | null {
  let at: Element | null = of
  for (const name of path) at = at && child(at, name)
  return at
}

export function textOf(of: Element | null): string {
  return (of?.children.filter((node) => typeof node === 'string').join('') ?? '').trim()
}

export function setText(of: Element, text: string): void {
  of.children = [text]
}

/** For text between tags and in attributes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
}

function toElement(node: Node): Element | string {
  const name = Object.keys(node).find((key) => key !== attributesKey)!
  if (name === '#text') return String(node[name])
  const attributes = (node[attributesKey] ?? {}) as Record<string, string>
  return { name, attributes: { ...attributes }, children: (node[name] as Node[]).map(toElement) }
}

function fromElement(element: Element | string): Node {
  if (typeof element === 'string') return { '#text': element }
  const { name, attributes, children } = element
  return { [name]: children.map(fromElement), [attributesKey]: attributes }
}
