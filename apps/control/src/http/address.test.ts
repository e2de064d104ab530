import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { askedHost, callerAddress, trustedProxies } from './address'
import { originAllowed } from './origin'

const request = (peer: string, headers: Record<string, string>) =>
  ({ socket: { remoteAddress: peer }, headers }) as unknown as IncomingMessage
const proxies = trustedProxies(['127.0.0.1', '10.0.0.0/8'])

describe('where a request came from', () => {
  it('is the peer, whatever a stranger claims', () => {
    const asked = request('192.0.2.7', {
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'evil',
      host: 'us',
    })
    expect(callerAddress(asked, proxies)).toBe('192.0.2.7')
    expect(askedHost(asked, proxies)).toBe('us')
  })

  it('is what trusted proxies say, and nothing that was said to them', () => {
    const asked = request('::ffff:127.0.0.1', {
      'x-forwarded-for': '198.51.100.1, 192.0.2.7, 10.1.2.3',
      'x-forwarded-host': 'drover.example',
    })
    expect(callerAddress(asked, proxies)).toBe('192.0.2.7')
    expect(askedHost(asked, proxies)).toBe('drover.example')
  })

  it('turns down a list that holds no address', () => {
    expect(() => trustedProxies(['proxy.example'])).toThrow(
      /proxy\.example is neither an address nor a range/,
    )
  })
})

describe('the origin of a request with a cookie', () => {
  it('has to be our own page', () => {
    expect(originAllowed('http://drover.example', 'drover.example', [])).toBe(true)
    expect(originAllowed('https://known.example', 'inside:8081', ['https://known.example'])).toBe(true)
    expect(originAllowed('https://evil.example', 'drover.example', [])).toBe(false)
    expect(originAllowed('null', 'drover.example', [])).toBe(false)
    expect(originAllowed(undefined, 'drover.example', [])).toBe(false)
  })
})
