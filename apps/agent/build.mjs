import { build } from 'esbuild'

/** Before anything else, because an older Node.js fails at the first thing that it does not know, in words of its own. */
const checkNode = `if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error('drover-agent: needs Node.js 20 or newer; this is ' + process.versions.node + '. See https://nodejs.org/en/download');
  process.exit(1);
}`

/** One file that runs wherever Node does; hosts need no node_modules. Goes to dist, or where the argument says. */
await build({
  entryPoints: ['src/main.ts'],
  outfile: process.argv[2] ?? 'dist/main.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  logLevel: 'warning',
  // Some dependencies are CommonJS and ask for Node's own modules by `require`.
  banner: {
    js: [
      '#!/usr/bin/env node',
      checkNode,
      "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    ].join('\n'),
  },
})
