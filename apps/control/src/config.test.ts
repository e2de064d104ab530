import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config'

describe('the environment', () => {
  it('may be empty: everything has a default that is safe', () => {
    expect(readConfig({})).toMatchObject({
      databaseUrl: null,
      api: { host: '127.0.0.1', port: 8081 },
      agents: { host: '127.0.0.1', port: 8443, tls: false, urls: ['http://127.0.0.1:8443'] },
      demo: false,
    })
  })

  it('turns TLS on for agents as soon as they may come from elsewhere', () => {
    expect(readConfig({ DROVER_AGENT_HOST: '0.0.0.0' }).agents.tls).toBe(true)
    expect(() => readConfig({ DROVER_AGENT_HOST: '0.0.0.0', DROVER_AGENT_TLS: 'off' })).toThrow(
      /DROVER_AGENT_TLS=off is allowed on loopback only/,
    )
  })

  it('names every variable that is wrong, and what it must be', () => {
    const wrong = {
      DATABASE_URL: 'mysql://x',
      DROVER_API_PORT: 'http',
      DROVER_PUBLIC_URL: 'drover.example.org',
    }
    expect(() => readConfig(wrong)).toThrow(ConfigError)
    expect(() => readConfig(wrong)).toThrow(/DATABASE_URL must begin with postgresql:/)
    expect(() => readConfig(wrong)).toThrow(/DROVER_API_PORT must be a port number/)
    expect(() => readConfig(wrong)).toThrow(/DROVER_PUBLIC_URL must be the address of the dashboard/)
  })

  it('takes an empty value as unset, and several addresses by comma', () => {
    const config = readConfig({
      DATABASE_URL: '',
      DROVER_PUBLIC_URL: 'https://a.example/, https://b.example',
    })
    expect(config.databaseUrl).toBeNull()
    expect(config.publicUrls).toEqual(['https://a.example', 'https://b.example'])
  })
})
