import { build } from 'esbuild'

// Next builds the pages; this bundles the process that serves them and passes on what is control's.
await build({
  entryPoints: ['src/server.ts'],
  outfile: 'dist/server.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
})
