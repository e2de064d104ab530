import { Boxes, Building2, Globe, HardDrive, type LucideIcon, Monitor, Network, Server } from 'lucide-react'
import type { Noun } from '../paths'

export const nounIcons: Record<Noun, LucideIcon> = {
  root: Globe,
  datacenter: Building2,
  cluster: Boxes,
  host: Server,
  vm: Monitor,
  datastore: HardDrive,
  network: Network,
}

/** What a kind of thing is called. */
export const nounWords: Record<Noun, string> = {
  root: 'everything',
  datacenter: 'datacenter',
  cluster: 'cluster',
  host: 'host',
  vm: 'VM',
  datastore: 'datastore',
  network: 'network',
}
