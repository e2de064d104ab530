import { build } from 'esbuild'

// Our own packages go into the bundle; what npm installs stays where it is, native parts and WebAssembly included.
const ours = /^(\.|\/|@drover\/)/
await build({
  entryPoints: {
    main: 'src/main.ts',
    planWorker: 'src/plan/worker.ts',
    backtestWorker: 'src/backtest/worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  legalComments: 'none',
  plugins: [
    {
      name: 'packages-outside',
      setup: ({ onResolve }) =>
        onResolve({ filter: /.*/ }, ({ path, kind }) =>
          kind === 'entry-point' || ours.test(path) ? undefined : { path, external: true },
        ),
    },
  ],
})
