import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock'
import { Random } from '../random/random'
import { type End, Network, patienceMs } from './network'

let clock: VirtualClock
let network: Network
let heard: unknown[]
let closed: string[]

async function line(): Promise<{ a: End; b: End }> {
  let called: End | undefined
  network.listen('b', (end) => {
    called = end
  })
  const calling = network.connect('a', 'b')
  await clock.advance(50)
  const [a, b] = [(await calling)!, called!]
  b.onMessage = (message) => heard.push(message)
  a.onClose = () => closed.push('a')
  b.onClose = () => closed.push('b')
  return { a, b }
}

describe('a simulated line', () => {
  beforeEach(() => {
    clock = new VirtualClock(0)
    network = new Network(clock, new Random(1))
    heard = []
    closed = []
  })

  it('brings copies, in order, later', async () => {
    const { a } = await line()
    const message = { n: 1 }
    a.send(message)
    for (let n = 2; n <= 20; n++) a.send({ n })
    message.n = 99
    expect(heard).toEqual([])
    await clock.advance(50)
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => ({ n: i + 1 })))
  })

  it('holds up what a short cut stopped, and gives up after a long one', async () => {
    const { a } = await line()
    network.cut('a', 'b')
    a.send('held')
    await clock.advance(patienceMs - 100)
    expect(heard).toEqual([])
    network.heal('a', 'b')
    await clock.advance(10)
    expect(heard).toEqual(['held'])
    network.cut('a', 'b')
    a.send('lost')
    await clock.advance(patienceMs + 1)
    expect(closed).toEqual(['b'])
    await clock.advance(patienceMs)
    network.heal('a', 'b')
    await clock.advance(patienceMs)
    expect(closed).toEqual(['b', 'a'])
    expect(heard).toEqual(['held'])
  })

  it('is cut one way only when told so', async () => {
    const { a, b } = await line()
    const back: unknown[] = []
    a.onMessage = (message) => back.push(message)
    network.cut('a', 'b')
    b.send('still arrives')
    await clock.advance(20)
    expect(back).toEqual(['still arrives'])
  })

  it('ends at once when a process dies, and only by patience when a machine does', async () => {
    const first = await line()
    first.b.send('x')
    network.hangUp('b')
    await clock.advance(20)
    expect(closed).toEqual(['a'])
    closed = []
    await line()
    network.vanish('b')
    await clock.advance(patienceMs - 1_000)
    expect(closed).toEqual([])
    await clock.advance(2_000)
    expect(closed).toEqual(['a'])
  })

  it('answers no call where nobody listens or nothing gets through', async () => {
    const nobody = network.connect('a', 'c')
    await clock.advance(100)
    expect(await nobody).toBeNull()
    network.listen('b', () => {})
    network.cut('b', 'a')
    const cut = network.connect('a', 'b')
    await clock.advance(patienceMs)
    expect(await cut).toBeNull()
  })
})
