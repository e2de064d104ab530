import { domain, ERROR_CODES, type TypedParam, typedParams, xdr } from '@drover/libvirt'
import { type Peer, startFakeServer } from '@drover/libvirt/testing/fake'

const { array, bool, encode, int, nothing, struct } = xdr

/** Numbers of libvirt's procedures. */
const P = {
  open: 1,
  close: 2,
  version: 4,
  nodeInfo: 6,
  capabilities: 7,
  xml: 14,
  autostart: 15,
  byUuid: 24,
  supportsFeature: 60,
  authList: 66,
  isPersistent: 151,
  libVersion: 157,
  create: 196,
  state: 212,
  jobStats: 298,
  register: 316,
  stats: 344,
} as const

type Frame = Parameters<Parameters<typeof startFakeServer>[0]>[0]

/** `[type, operation]` in libvirt's numbers, an error of libvirt, or no answer. */
export type JobAnswer = [number, number] | { code: keyof typeof ERROR_CODES; message: string } | 'silence'

export interface FakeDomain {
  name: string
  uuid: string
  /** -1: it is off. */
  id: number
  state: number
  reason: number
  memoryKib: number
  job: JobAnswer
}

const capabilities = `<capabilities><host><cpu><arch>x86_64</arch><model>qemu64</model></cpu></host>
  <guest><os_type>hvm</os_type><arch name='x86_64'><emulator>/nonexistent</emulator><machine>pc</machine>
  <domain type='qemu'/></arch></guest></capabilities>`

/** A call about a domain begins with its name, padded to whole words; then comes its uuid. */
const afterName = (payload: Buffer) => 4 + Math.ceil(payload.readUInt32BE(0) / 4) * 4
const uuidIn = (payload: Buffer, at: number) =>
  payload
    .subarray(at, at + 16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** A libvirtd whose domains are told by the test, for what a real one does only when the host is slow enough. */
export async function startFakeLibvirt(memoryKib: number) {
  const domains = new Map<string, FakeDomain>()
  /** Names of the procedures that were called, in order. */
  const called: (keyof typeof P)[] = []
  const open: { frame: Frame; peer: Peer }[] = []
  let callbackId = 0
  let onCreate: (of: FakeDomain, peer: Peer) => boolean = () => true

  const answerJob = (frame: Frame, peer: Peer, job: Exclude<JobAnswer, 'silence'>) => {
    if ('code' in job) return peer.refuse(frame, ERROR_CODES[job.code], job.message)
    const [type, operation] = job
    const params: TypedParam[] = [{ name: 'operation', type: 'int', value: operation }]
    peer.reply(frame, encode(struct({ type: int, stats: typedParams }), { type, stats: params }))
  }

  const answers: Partial<Record<number, (frame: Frame, peer: Peer) => void>> = {
    [P.authList]: (f, peer) => peer.reply(f, encode(struct({ t: array(int, 20) }), { t: [0] })),
    [P.supportsFeature]: (f, peer) => peer.reply(f, encode(bool, true)),
    [P.open]: (f, peer) => peer.reply(f, encode(nothing, undefined)),
    [P.close]: (f, peer) => peer.reply(f, encode(nothing, undefined)),
    [P.register]: (f, peer) => peer.reply(f, encode(int, callbackId++)),
    [P.version]: (f, peer) => peer.reply(f, encode(xdr.uhyper, 7_002_000)),
    [P.libVersion]: (f, peer) => peer.reply(f, encode(xdr.uhyper, 9_000_000)),
    [P.capabilities]: (f, peer) => peer.reply(f, encode(xdr.text(10_000), capabilities)),
    [P.nodeInfo]: (f, peer) => {
      const info = Buffer.alloc(32 * 4 + 8 + 6 * 4)
      info.writeBigUInt64BE(BigInt(memoryKib), 32 * 4)
      info.writeInt32BE(2, 32 * 4 + 8)
      peer.reply(f, info)
    },
    [P.stats]: (f, peer) => {
      const record = struct({ domain, stats: typedParams })
      const records = [...domains.values()].map((of) => ({
        domain: of,
        stats: [
          { name: 'state.state', type: 'int' as const, value: of.state },
          { name: 'state.reason', type: 'int' as const, value: of.reason },
          { name: 'balloon.maximum', type: 'ullong' as const, value: of.memoryKib },
        ],
      }))
      // Flag 1 of the question, its last word: those that are active only.
      const active = (f.payload.readUInt32BE(f.payload.length - 4) & 1) !== 0
      const wanted = records.filter((one) => !active || one.domain.id !== -1)
      peer.reply(f, encode(array(record, 100), wanted))
    },
  }
  /** Calls about one domain. */
  const answersOf: Partial<Record<number, (frame: Frame, peer: Peer, of: FakeDomain) => void>> = {
    [P.byUuid]: (f, peer, of) => peer.reply(f, encode(domain, of)),
    [P.state]: (f, peer, of) => peer.reply(f, encode(struct({ state: int, reason: int }), of)),
    [P.isPersistent]: (f, peer) => peer.reply(f, encode(bool, true)),
    [P.autostart]: (f, peer) => peer.reply(f, encode(bool, false)),
    [P.xml]: (f, peer, of) => {
      const memory = `<memory unit='KiB'>${of.memoryKib}</memory><vcpu>1</vcpu>`
      const xml = `<domain><name>${of.name}</name><uuid>${of.uuid}</uuid>${memory}<devices/></domain>`
      peer.reply(f, encode(xdr.text(10_000), xml))
    },
    [P.jobStats]: (f, peer, of) => {
      if (of.job === 'silence') open.push({ frame: f, peer })
      else answerJob(f, peer, of.job)
    },
    [P.create]: (f, peer, of) => {
      if (!onCreate(of, peer)) return
      Object.assign(of, { id: domains.size + 1, state: 1, reason: 1 })
      peer.reply(f, encode(domain, of))
    },
  }

  const server = await startFakeServer((frame, peer) => {
    const name = (Object.keys(P) as (keyof typeof P)[]).find((key) => P[key] === frame.procedure)
    if (!name) throw new Error(`nobody answers procedure ${frame.procedure}`)
    called.push(name)
    const general = answers[frame.procedure]
    if (general) return general(frame, peer)
    const id = uuidIn(frame.payload, name === 'byUuid' ? 0 : afterName(frame.payload))
    const of = domains.get(id)
    if (of) answersOf[frame.procedure]?.(frame, peer, of)
    else peer.refuse(frame, ERROR_CODES.no_domain, `no domain with uuid ${id}`)
  })
  return {
    socketPath: server.socketPath,
    domains,
    called,
    add: (of: FakeDomain) => domains.set(of.uuid, of),
    /** Says now what it kept silent about. */
    answerJobs(job: Exclude<JobAnswer, 'silence'>): void {
      for (const { frame, peer } of open.splice(0)) answerJob(frame, peer, job)
    },
    /** What happens at a start; it is answered when this says true. */
    onCreate: (act: typeof onCreate) => {
      onCreate = act
    },
    stop: server.stop,
  }
}
