import type { Event } from '@drover/model'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { api } from '../api/client'
import { useReplicaStore } from '../replica/store'

/** What to look for; as `event.list` takes it. */
export interface EventFilter {
  subjects?: string[]
  kinds?: string[]
  initiator?: string
  severities?: ('info' | 'warning' | 'error')[]
  text?: string
  fromAt?: number
  toAt?: number
}

const pageSize = 100

/** `seq` of the replica, at most once a second: history is asked for what is new, not for every patch. */
export function useCalmSeq(): number {
  const [seq, setSeq] = useState(() => useReplicaStore.getState().replica?.seq ?? 0)
  useEffect(() => {
    const timer = setInterval(() => setSeq(useReplicaStore.getState().replica?.seq ?? 0), 1_000)
    return () => clearInterval(timer)
  }, [])
  return seq
}

/** History by a filter, newest first, further back on demand; what happens meanwhile is put on top. */
export function useEvents(filter: EventFilter) {
  const key = JSON.stringify(filter)
  const pages = useInfiniteQuery({
    queryKey: ['events', key],
    queryFn: ({ pageParam }) =>
      api.event.list.query({
        ...filter,
        limit: pageSize,
        ...(pageParam === null ? {} : { beforeSeq: pageParam }),
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBeforeSeq,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const [fresh, setFresh] = useState<{ key: string; events: Event[] }>({ key, events: [] })
  const newer = fresh.key === key ? fresh.events : []
  const older = useMemo(
    () => (pages.data?.pages ?? []).flatMap((page) => page.events as Event[]),
    [pages.data],
  )
  const top = newer[0]?.seq ?? older[0]?.seq ?? 0
  const seq = useCalmSeq()
  const more = useQuery({
    queryKey: ['events', key, 'after', top, seq],
    queryFn: () => api.event.list.query({ ...filter, afterSeq: top, limit: 500 }),
    enabled: pages.isSuccess && seq > top,
    gcTime: 0,
  })
  useEffect(() => {
    const found = (more.data?.events ?? []) as Event[]
    if (found.length === 0) return
    setFresh((before) => {
      const events = before.key === key ? before.events : []
      const known = new Set(events.map((event) => event.seq))
      return { key, events: [...found.filter((event) => !known.has(event.seq)), ...events] }
    })
  }, [more.data, key])
  const events = useMemo(() => [...newer, ...older], [newer, older])
  return { events, pages }
}
