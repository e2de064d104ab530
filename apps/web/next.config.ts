import { resolve } from 'node:path'
import type { NextConfig } from 'next'

const root = resolve(import.meta.dirname, '../..')

const config: NextConfig = {
  transpilePackages: ['@drover/model'],
  turbopack: { root },
  outputFileTracingRoot: root,
  poweredByHeader: false,
  compress: true,
  devIndicators: false,
  // `npm run typecheck` checks the types of all workspaces in one second; the build need not do it again.
  typescript: { ignoreBuildErrors: true },
}

export default config
