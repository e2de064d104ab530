// Benchmarks count every second from the start of the program: theirs does not load the rest of it.
const { createProgram } = await (process.argv[2] === 'bench'
  ? import('./bench/program')
  : import('./program'))

await createProgram().parseAsync()

export {}
