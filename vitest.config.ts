import { defineConfig } from 'vitest/config'

const outside = ['**/node_modules/**', '**/dist/**', '**/.next/**', '**/.data/**', '**/.lab/**']
const special = ['pg', 'libvirt', 'lab', 'sim']
const all = (kind: string) => [`**/*.${kind}.test.ts`]

/** One project for each thing that a test needs; `npm test` runs them all and adds them up. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...outside, ...special.flatMap(all)],
          // Not a measure of speed: in a full run they have the lowest priority beside others.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'pg',
          include: all('pg'),
          exclude: outside,
          globalSetup: ['packages/store/src/postgres/testing.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'sim',
          include: all('sim'),
          exclude: outside,
          testTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'libvirt',
          include: all('libvirt'),
          exclude: outside,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: all('lab'),
          exclude: outside,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // The labs share the machine's two cores; side by side they would starve one another's guests.
          fileParallelism: false,
        },
      },
    ],
  },
})
