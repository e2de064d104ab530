import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Decides whose word about a caller's address counts. */
export interface Proxies {
  trusts(address: string): boolean
}

/** From addresses and CIDR ranges. Throws at text that is neither. */
export function trustedProxies(list: string[]): Proxies {
  const known = new BlockList()
  for (const entry of list) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (!isIP(address)) throw new Error(`DROVER_TRUSTED_PROXIES: ${entry} is neither an address nor a range.`)
    if (bits === undefined) known.addAddress(address, family)
    else known.addSubnet(address, Number(bits), family)
  }
  return {
    trusts: (address) => isIP(address) > 0 && known.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
  }
}

/** Where a request came from: the peer, or, when that is a trusted proxy, the nearest one that it is not told by. */
export function callerAddress(request: IncomingMessage, proxies: Proxies): string {
  const peer = plain(request.socket.remoteAddress ?? '')
  if (!proxies.trusts(peer)) return peer
  const told = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => plain(part.trim()))
    .filter((part) => isIP(part) > 0)
  return told.findLast((address) => !proxies.trusts(address)) ?? told[0] ?? peer
}

/** The host that the caller asked for, as the trusted proxy in front tells it. */
export function askedHost(request: IncomingMessage, proxies: Proxies): string {
  const peer = plain(request.socket.remoteAddress ?? '')
  const told = proxies.trusts(peer) ? request.headers['x-forwarded-host'] : undefined
  return String(told ?? request.headers.host ?? '')
}

/** `::ffff:127.0.0.1` is 127.0.0.1. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')
