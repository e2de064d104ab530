import type { Snapshot } from '@drover/model'
import { useCallback, useEffect, useState } from 'react'
import { api, queryClient } from '../api/client'
import { isSignedOut, sayError } from '../api/errors'
import { paths } from '../paths'
import { connectReplica } from '../replica/connection'
import { useReplicaStore } from '../replica/store'
import { setClockOffset } from '../ui/clock'
import { useConsole } from './store'

/** Sends whoever is not signed in to the sign-in page, and back here afterwards. */
export function toSignIn(): void {
  location.assign(paths.signIn(location.pathname + location.search))
}

/** Finds out who is signed in and opens the line; `ready` once there is something to draw. */
export function useSession(): { ready: boolean; trouble: string | null; retry: () => void } {
  const user = useConsole((state) => state.user)
  const hasReplica = useReplicaStore((state) => state.replica !== null)
  const offset = useReplicaStore((state) => state.replica?.clockOffsetMs ?? 0)
  const lineTrouble = useReplicaStore((state) => state.trouble)
  const line = useReplicaStore((state) => state.line)
  const awaySince = useReplicaStore((state) => state.health?.databaseAwaySince ?? null)
  const [trouble, setTrouble] = useState<string | null>(null)

  const ask = useCallback(async () => {
    try {
      useConsole.setState({ user: await api.session.me.query() })
      setTrouble(null)
    } catch (error) {
      if (isSignedOut(error)) toSignIn()
      else setTrouble(sayError(error))
    }
  }, [])

  useEffect(() => {
    if (!user) void ask()
  }, [user, ask])
  useEffect(() => {
    if (user || !trouble) return
    const timer = setTimeout(ask, 2_000)
    return () => clearTimeout(timer)
  }, [user, trouble, ask])
  useEffect(() => {
    if (user) return connectReplica(async () => (await api.inventory.snapshot.query()) as Snapshot)
  }, [user])
  useEffect(() => setClockOffset(offset), [offset])
  useEffect(() => {
    if (line.state === 'signed out') toSignIn()
    // What failed while the line was down, or the database away, is asked again as soon as it is back.
    if (line.state === 'live' && awaySince === null) {
      void queryClient.refetchQueries({
        type: 'active',
        predicate: (query) => query.state.status === 'error',
      })
    }
  }, [line, awaySince])

  return { ready: user !== null && hasReplica, trouble: trouble ?? lineTrouble, retry: () => void ask() }
}
