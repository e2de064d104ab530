import type { Patch, Snapshot, ToBrowser } from '@drover/model'
import { io, type Socket } from 'socket.io-client'
import { isSignedOut, sayError } from '../api/errors'
import { fromSnapshot, type Replica, withPatches, withProgress, withUsage } from './replica'
import { type Line, useReplicaStore } from './store'

const retryMs = 1_000

/**
 * Keeps the browser's copy true: one socket for patches, one query for the whole picture whenever the patches do
 * not join up. Patches that arrive while the picture is on its way are kept and applied to it; patches of one frame
 * are applied together. Returns the function that ends it.
 */
export function connectReplica(fetchSnapshot: () => Promise<Snapshot>): () => void {
  const { getState, setState } = useReplicaStore
  const socket: Socket<ToBrowser> = io('/live', { transports: ['websocket'], reconnectionDelayMax: 2_000 })
  let waiting: Patch[] = []
  let fetching = false
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  function setReplica(replica: Replica) {
    setState({ replica })
  }

  function setLine(line: Line) {
    const before = getState().line
    // The bar counts from when the line was lost first, not from the last attempt.
    if (line.state === 'lost' && before.state === 'lost')
      setState({ line: { ...line, sinceAt: before.sinceAt } })
    else setState({ line })
  }

  async function refetch() {
    if (fetching || closed) return
    fetching = true
    try {
      const snapshot = await fetchSnapshot()
      if (closed) return
      setState({ replica: fromSnapshot(snapshot, Date.now()), trouble: null })
      fetching = false
      if (socket.connected) setLine({ state: 'live' })
      flush()
    } catch (error) {
      fetching = false
      if (closed) return
      if (isSignedOut(error)) return setLine({ state: 'signed out' })
      setState({ trouble: sayError(error) })
      timer = setTimeout(refetch, retryMs)
    }
  }

  function flush() {
    cancelAnimationFrame(frame)
    frame = 0
    const { replica } = getState()
    if (!replica || fetching || waiting.length === 0) return
    // A picture may be newer than the term of patches that were on their way.
    const patches = waiting.filter((patch) => patch.term >= replica.term)
    waiting = []
    const next = withPatches(replica, patches)
    if (next === 'gap') void refetch()
    else if (next !== replica) setReplica(next)
  }

  socket.on('connect', () => {
    waiting = []
    void refetch()
  })
  socket.on('disconnect', (reason) => {
    setLine({ state: 'lost', sinceAt: Date.now(), why: null })
    // When the server ended the line on purpose, socket.io leaves the next step to us.
    if (reason === 'io server disconnect') timer = setTimeout(() => socket.connect(), retryMs)
  })
  socket.on('connect_error', (error) => {
    if (getState().replica) setLine({ state: 'lost', sinceAt: Date.now(), why: null })
    // A refused handshake is either "signed out" or "not leading": the picture's own answer says which.
    void refetch()
    if (!socket.active) timer = setTimeout(() => socket.connect(), retryMs)
    void error
  })
  socket.on('patch', (patch) => {
    waiting.push(patch)
    // A hidden tab gets no frames; a timer sees to it that it does not hoard patches.
    if (!frame) frame = document.hidden ? (setTimeout(flush, 200) as never) : requestAnimationFrame(flush)
  })
  socket.on('usage', (usage) => {
    const { replica } = getState()
    if (replica) setReplica(withUsage(replica, usage))
  })
  socket.on('progress', (progress) => {
    const { replica } = getState()
    if (replica) setReplica(withProgress(replica, progress))
  })
  socket.on('health', (health) => {
    setState({ health })
    const { replica } = getState()
    if (replica && (health.term !== replica.term || health.seq < replica.seq)) void refetch()
  })
  void refetch()

  return () => {
    closed = true
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    socket.close()
    setState({ replica: null, line: { state: 'connecting' }, health: null, trouble: null })
  }
}
